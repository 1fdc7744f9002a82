// The editor: a table by a form or as a text, an example person while typing, the proof, the notice, the proposal.
// The text is what counts: a form changes its own part of it, and the hub says what the whole of it means.

import { Example } from "./example.js";
import { forgetKey } from "./keys.js";
import { callSigned, call, watchLink } from "./node.js";
import { pairedKey } from "./pairing.js";
import { PROVING_MS, Proposals, tellDifferences } from "./proposals.js";
import { form as choices, makeForm, moving } from "./row_form.js";
import { button, element, outcomeBadge, tellProblem } from "./elements.js";
import { nameOf, tellConditions, tellName, tellNotice } from "./rule_table.js";
import { giveValues, joinParts, splitParts, writePart } from "./table_text.js";
import { at, read, say } from "./words.js";

const ROLE = "operator";
const WAIT_MS = 250;
const DAY_MS = 86_400_000;
const UNDO_MAX = 200;
const HEADINGS = {
  table: say.edit_head, exception: say.rules_kind_exception, row: say.rules_kind_row,
  not_checked: say.rules_kind_not_checked, ceiling: say.rules_kind_ceiling,
};
const EMPTY = {
  row: {
    id: "new_row", when: { level: ["low"], fever: ["not_measured", "normal"] }, outcome: "PASS", reason: "low_level",
    evidence: "assumed",
  },
  exception: {
    id: "new_exception", when: { level: ["low"], origin_risk: ["low"], fever: ["not_measured", "normal"] },
    measures: ["take_temperature"], evidence: "assumed",
  },
  not_checked: { id: "new_place", place_kind: ["public_institution"], place_risk: ["low"], evidence: "assumed" },
};

let held;
let example;
let proposals;
let heads = [];
let today = "";
let parts = [];
let text = "";
let undone = [];
let proven = null; // the text that the proof found nothing wrong with
let inWords = new Map();
let reading = null;
let asked = 0;

const ask = (method, path, value = null, how = {}) => callSigned(held, method, path, value, how);
const head = () => parts.find((part) => part.kind === "table")?.value;

function soon(days) {
  return new Date(Date.parse(today) + days * DAY_MS).toISOString().slice(0, 10);
}

// --- the text and its parts ---

/** Take a new text; `by` says whether a form made it, which then shows it already. */
function take(next, by = "text") {
  if (next === text) return;
  if (text) undone = [...undone, text].slice(-UNDO_MAX);
  text = next;
  at("undo").disabled = undone.length === 0;
  if (at("table-text").value !== text) at("table-text").value = text;
  tellStale();
  example.tryLater();
  clearTimeout(reading);
  reading = setTimeout(() => readTable(by), WAIT_MS);
}

async function readTable(by) {
  const reads = ++asked;
  let told;
  try {
    told = await ask("POST", "/v1/rule-readings", text, { type: "application/toml" });
  } catch (problem) {
    if (reads === asked) tellReading(`${say.edit_unread}${problem.detail || tellProblem(problem)}`, true);
    return;
  }
  if (reads !== asked) return;
  inWords = new Map((told.table?.rows ?? []).map((row) => [row.id, row]));
  tellReading(told.refused ? `${say.edit_refused}${told.refused}` : say.edit_fine, told.refused !== null);
  if (by === "form") {
    tellSummaries();
    return;
  }
  const split = splitParts(text);
  if (giveValues(split, told.content)) parts = split;
  else parts = [];
  drawForms();
}

function tellReading(words, isWrong) {
  at("reading-told").textContent = words;
  at("reading-told").className = isWrong ? "error" : "";
}

// --- the forms ---

function describe(part) {
  const row = inWords.get(part.value.id);
  const told = [tellName(part.value.id)];
  if (row?.outcome) told.push(" ", outcomeBadge(row.outcome, row.headline));
  if (row) told.push(tellConditions(row.when, part.kind === "row" ? say.rules_anybody : say.rules_anywhere));
  return told;
}

function tellSummaries() {
  parts.forEach((part) => part.summary?.replaceChildren(...part.kind === "table" ? [say.edit_head] : describe(part)));
}

function changed(part) {
  part.body = writePart(part.kind, part.value);
  part.made.dataset.name = `${part.kind}/${part.value.id}`;
  part.made.querySelectorAll("button").forEach((each) => each.tell?.());
  take(joinParts(parts), "form");
}

function restructure(next) {
  parts = next;
  drawForms();
  take(joinParts(parts), "form");
}

/** A version of its own from the first day that can be announced in time: what was in force until then stays so. */
function makeVersion() {
  const part = parts.find((one) => one.kind === "table");
  Object.assign(part.value, { version: (part.value.version ?? 1) + 1, first_day: soon(3) });
  part.body = writePart("table", part.value);
  restructure(parts);
  example.moveTo(part.value.first_day);
}

function swap(one, other) {
  const next = [...parts];
  [next[one], next[other]] = [next[other], next[one]];
  restructure(next);
}

function makePart(part, index) {
  const near = (step) => {
    for (let other = index + step; parts[other]; other += step) if (parts[other].kind === part.kind) return other;
    return null;
  };
  part.summary = element("summary", { children: part.kind === "table" ? [say.edit_head] : describe(part) });
  const made = element("details", { className: "part", children: [part.summary] });
  made.dataset.kind = part.kind;
  part.made = made;
  made.addEventListener("toggle", () => {
    if (!made.open || made.childElementCount > 1) return;
    const later = parts.slice(index + 1).filter((other) => other.kind === part.kind).map((other) => other.value.id);
    made.append(...makeForm(part.kind, part.value, () => changed(part), later));
    if (part.kind !== "table") {
      const [above, below] = [near(-1), near(1)];
      made.append(moving(() => part.value.id, {
        up: above === null ? null : () => swap(above, index), down: below === null ? null : () => swap(index, below),
        remove: () => restructure(parts.filter((other) => other !== part)),
      }));
    }
  });
  return made;
}

function drawForms() {
  const opened = new Set([...at("form").querySelectorAll("details.part[open]")].map((one) => one.dataset.name));
  at("form").replaceChildren(...Object.entries(HEADINGS).flatMap(([kind, words]) => {
    const made = parts.map((part, index) => [part, index]).filter(([part]) => part.kind === kind)
      .map(([part, index]) => {
        const one = makePart(part, index);
        one.dataset.name = `${kind}/${part.value.id}`;
        if (opened.has(one.dataset.name)) one.open = true;
        return one;
      });
    return made.length && kind !== "table" ? [element("h3", { text: words }), ...made] : made;
  }));
  at("adding").hidden = parts.length === 0;
  at("new-version").disabled = parts.length === 0;
}

function add(kind) {
  const value = structuredClone(EMPTY[kind]);
  const ids = new Set(parts.map((part) => part.value.id));
  for (let number = 2; ids.has(value.id); number += 1) value.id = `${EMPTY[kind].id}_${number}`;
  if (kind !== "row") value.first_day = soon(3);
  if (kind === "exception") value.last_day = soon(17);
  const first = parts.findIndex((part) => part.kind === kind);
  const made = { kind, lead: "", value, body: writePart(kind, value) };
  const next = [...parts];
  next.splice(first < 0 ? parts.length : first, 0, made);
  restructure(next);
  made.made.open = true;
  made.summary.focus();
}

// --- the proof, the notice, the proposal ---

function tellStale() {
  at("propose").disabled = proven === null || proven !== text;
  if (at("proof").hasChildNodes()) at("proof-told").textContent = proven === text ? say.edit_proven : say.edit_stale;
}

function tellFindings(findings) {
  return element("ol", { className: "findings", children: findings.map((one) => element("li", { children: [
    element("b", { text: `${choices.findings[one.kind] ?? one.kind}: ` }), read(one.sentence),
    element("p", { className: "small", text: `${one.day} · ${one.rows.join(", ")}` }),
    button(say.edit_become, () => {
      example.become(one.situation, one.day);
      at("example-title").focus();
    }),
  ] })) });
}

async function examine() {
  const asking = text;
  at("proof-told").textContent = say.edit_examining;
  at("proof-told").className = "";
  at("examine").disabled = true;
  try {
    const told = await ask("POST", "/v1/rule-trials", { region: head()?.region ?? "00", table: asking, examine: true }, { deadlineMs: PROVING_MS });
    proven = told.findings.length ? null : asking;
    const parted = told.findings.length ? [tellFindings(told.findings)]
      : [element("h3", { text: say.edit_notice }), tellNotice(told.notice, say.edit_notice)];
    at("proof").replaceChildren(...parted, element("h3", { text: say.edit_changes }), tellDifferences(told.differences));
    at("proof-told").textContent = told.findings.length ? say.edit_found : say.edit_proven;
    at("proof-told").className = told.findings.length ? "error" : "";
    if (asking !== text) tellStale();
  } catch (problem) {
    at("proof").replaceChildren();
    at("proof-told").textContent = tellProblem(problem);
    at("proof-told").className = "error";
  }
  at("examine").disabled = false;
  at("propose").disabled = proven === null || proven !== text;
  at("proof-told").focus();
}

async function propose() {
  at("propose").disabled = true;
  at("propose-told").textContent = say.edit_examining;
  try {
    await ask("POST", "/v1/rule-proposals", text, { type: "application/toml", deadlineMs: PROVING_MS });
    at("propose-told").textContent = say.edit_proposed;
    await proposals.show();
  } catch (problem) {
    at("propose-told").textContent = tellProblem(problem);
    at("propose").disabled = false;
  }
}

// --- beginning ---

function open(next) {
  at("editing").hidden = false;
  proven = null;
  at("proof").replaceChildren();
  at("proof-told").textContent = "";
  at("propose-told").textContent = "";
  text = "";
  undone = [];
  take(next);
  example.moveTo(today);
  at("table-title").focus();
}

async function begin() {
  at("begin-told").textContent = "";
  const [region, site, day] = at("which").value.split("/");
  if (region === "") {
    const [number, of] = [at("new-region").value, at("new-site").value];
    const value = { region: number, site: of, id: of || `region_${number}`, name: { zh: `${number} ${of}`.trim(), en: `${number} ${of}`.trim() },
      first_day: soon(3) };
    open(joinParts([["table", value], ["row", { ...EMPTY.row, legal_basis: say.edit_basis }]].map(([kind, held_]) => ({ lead: "", body: writePart(kind, held_) }))));
    return;
  }
  try {
    const answer = await call("GET", `/v1/rules/${region}?${new URLSearchParams({ ...(site ? { site } : {}), on: day })}`);
    open(answer.toml);
  } catch (problem) {
    at("begin-told").textContent = tellProblem(problem);
  }
}

function fillTables() {
  const told = heads.map((one) => new Option(
    `${nameOf(one)}, ${say.rules_version} ${one.version}, ${say.rules_from} ${one.first_day}`,
    `${one.region}/${one.site}/${one.first_day > today ? one.first_day : today}`));
  at("which").replaceChildren(...told, new Option(say.edit_new, "//"));
}

const tryExample = (situation, on, withTable) => {
  const of = head() ?? { region: "00" };
  const body = { region: of.region, site: of.site ?? "", situation, ...(on ? { on } : {}) };
  return ask("POST", "/v1/rule-trials", withTable ? { ...body, table: text } : body);
};

function wire() {
  at("begin-form").addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  at("which").addEventListener("change", () => {
    at("new-place").hidden = at("which").value !== "//";
    at("new-region").required = at("which").value === "//";
  });
  at("table-text").addEventListener("input", () => take(at("table-text").value));
  at("undo").addEventListener("click", () => {
    const last = undone.pop();
    const left = undone;
    take(last);
    undone = left;
    at("undo").disabled = undone.length === 0;
  });
  at("new-version").addEventListener("click", makeVersion);
  at("examine").addEventListener("click", examine);
  at("propose").addEventListener("click", propose);
  at("example-form").addEventListener("submit", (event) => event.preventDefault());
  at("adding").append(...[["row", say.edit_add_row], ["exception", say.edit_add_exception], ["not_checked", say.edit_add_not_checked]]
    .map(([kind, words]) => button(words, () => add(kind))));
  at("unpair").addEventListener("click", async () => {
    await forgetKey(ROLE);
    location.reload();
  });
}

watchLink(at("link"), say);
held = await pairedKey(ROLE);
at("desk").hidden = false;
example = new Example(tryExample);
proposals = new Proposals(ask, held.keyId, open);
wire();
try {
  const rules = await call("GET", "/v1/rules");
  heads = rules.tables;
  today = rules.on;
  fillTables();
} catch (problem) {
  at("begin-told").textContent = tellProblem(problem);
}
await proposals.show();
document.body.dataset.ready = "true";
