// The rules as everybody may read them: each table, what is in force and to come, the register, the notices.

import { call, watchLink } from "./node.js";
import { element, list, makeTable, tellProblem } from "./elements.js";
import { evidence, nameOf, stateOf, tellConditions, tellDays, tellNotice, tellTable } from "./rule_table.js";
import { at, read, say, tellTime } from "./words.js";

const NATIONAL = "00";

let heads = [];
let today = "";
let register = [];
let asked = 0;

const place = (head) => `${head.region}/${head.site}`;
const tableOf = (region, site, day) =>
  call("GET", `/v1/rules/${region}?${new URLSearchParams({ ...(site ? { site } : {}), on: day })}`);

function fillPlaces() {
  const places = new Map(heads.map((head) => [place(head), head]));
  const sorted = [...places.values()].sort((one, other) => place(one).localeCompare(place(other)));
  at("whose").replaceChildren(...sorted.map((head) => new Option(nameOf(head), place(head))));
}

function showVersions() {
  at("versions").replaceChildren(...heads.filter((head) => place(head) === at("whose").value).map((head) => {
    const link = element("a", { text: `${nameOf(head)}, ${say.rules_version} ${head.version}`, href: `#${place(head)}@${head.first_day > today ? head.first_day : today}` });
    return element("li", { children: [link, " ", ...tellDays(head, today)] });
  }));
}

/** The table of the place, then every table that it falls through to: the order in which they decide. */
async function fetchStack(region, site, day) {
  const first = await tableOf(region, site, day);
  const below = first.falls_through_to.map((name) => name.split("/")[0]);
  return [first, ...await Promise.all(below.map((each) => tableOf(each, "", day)))];
}

async function show() {
  const ask = ++asked;
  const [region, site = ""] = at("whose").value.split("/");
  const day = at("day").value;
  showVersions();
  at("told").textContent = "";
  try {
    const stack = await fetchStack(region, site, day);
    if (ask !== asked) return;
    at("stack").replaceChildren(...stack.map((answer) => tellTable(answer, day)));
  } catch (problem) {
    if (ask !== asked) return;
    at("stack").replaceChildren();
    at("told").textContent = `${say.rules_failed}: ${tellProblem(problem)}`;
  }
}

// --- the address says what is shown: links to a table and a day can be sent around ---

function takeAddress() {
  const [whose, day] = decodeURIComponent(location.hash.slice(1)).split("@");
  if ([...at("whose").options].some((option) => option.value === whose)) at("whose").value = whose;
  at("day").value = /^\d{4}-\d\d-\d\d$/.test(day ?? "") ? day : today;
  keepAddress();
}

function keepAddress() {
  const hash = `#${at("whose").value}@${at("day").value}`;
  history.replaceState(null, "", hash);
  at("language").hash = hash;
}

// --- the register and the notices ---

function showRegister() {
  const shown = register.filter((entry) => at("ended").checked || stateOf(entry, today) === say.rules_holds);
  if (!shown.length) {
    at("register").replaceChildren(element("p", { text: say.rules_empty }));
    return;
  }
  const names = new Map(heads.map((head) => [place(head), nameOf(head)]));
  const tables = [say.rules_where, say.rules_who, say.measures, say.rules_why, say.rules_days];
  at("register").replaceChildren(makeTable(say.rules_register, tables, shown.map((entry) => [
    [element("b", { text: names.get(place(entry)) ?? entry.region }), element("p", { className: "small", text: entry.id })],
    tellConditions(entry.when, say.rules_anybody),
    entry.measures.length ? list(entry.measures.map(read), "measures") : say.rules_empty,
    [read(entry.why), element("p", { className: "small", children: [
      `${say.rules_registrar}: ${read(entry.registrar)}. ${entry.legal_basis} `, evidence(entry.evidence)] })],
    tellDays(entry, today),
  ]), "rules"));
}

function showNotices(notices) {
  at("notices").replaceChildren(...notices.map((one) => {
    const title = `${tellTime(one.approved_at)} · ${say.bundle} ${one.bundle_number} · ${one.file_name}`;
    return element("details", { children: [element("summary", { text: title }), tellNotice(one.notice, title)] });
  }));
  if (!notices.length) at("notices").append(element("p", { text: say.rules_no_notices }));
}

watchLink(at("link"), say);
try {
  const [rules, exceptions, { notices }] = await Promise.all(
    ["/v1/rules", "/v1/exceptions", "/v1/rule-notices"].map((path) => call("GET", path)));
  heads = rules.tables;
  today = rules.on;
  register = exceptions.exceptions;
  fillPlaces();
  if (!location.hash) at("whose").value = `${NATIONAL}/`;
  takeAddress();
  showRegister();
  showNotices(notices);
  await show();
} catch (problem) {
  at("told").textContent = `${say.rules_failed}: ${tellProblem(problem)}`;
}
at("place-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keepAddress();
  show();
});
at("whose").addEventListener("change", () => {
  keepAddress();
  show();
});
addEventListener("hashchange", () => {
  takeAddress();
  show();
});
at("ended").addEventListener("change", showRegister);
document.body.dataset.ready = "true";
