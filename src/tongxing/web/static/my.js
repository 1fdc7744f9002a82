// The citizen's page: my code, made anew each minute; why it was decided so; who has looked; my family.

import { showCases, wireCases } from "./my_cases.js";
import { wireEverything } from "./my_one_stop.js";
import { call, watchLink } from "./node.js";
import { at, language, read, say, tellSeconds, tellTime } from "./words.js";

const BORDER = 4;
const RECEIPTS = "receipts";
const RECEIPTS_MAX = 60;
const DAY_MS = 86_400_000;
const TRY_AGAIN_MS = 5000;
const REPORT_EVERY_MS = 300_000;
const SVG = "http://www.w3.org/2000/svg";

let identity;
let clockOffsetMs = 0;
let shown = null; // the code on the screen: when it ends
let making = 0; // an answer counts only for the newest wish
let nextTryAt = 0;
let reportAt = 0;

const now = () => Date.now() + clockOffsetMs;
const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

const change = (method, target, value = null) => call(method, target, {
  body: value === null ? null : JSON.stringify(value),
  headers: { "x-csrf-token": identity.csrf_token },
});

// --- my code ---

async function draw(text) {
  const { encodeQR } = await import("./vendor/qr.js");
  const modules = encodeQR(text, "raw", { ecc: "medium", border: BORDER });
  const path = document.createElementNS(SVG, "path");
  const squares = modules.flatMap((line, y) => line.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  path.setAttribute("d", squares.join(""));
  at("picture").setAttribute("viewBox", `0 0 ${modules.length} ${modules.length}`);
  at("picture").setAttribute("shape-rendering", "crispEdges");
  at("picture").replaceChildren(path);
}

function hideCode(why) {
  shown = null;
  at("picture").toggleAttribute("hidden", true);
  at("picture").replaceChildren();
  at("left").textContent = "";
  if (at("code-failed").textContent !== why) at("code-failed").textContent = why;
}

async function makeCode() {
  const wish = ++making;
  nextTryAt = Date.now() + TRY_AGAIN_MS;
  let made;
  try {
    made = await change("POST", "/v1/my/codes", at("whose").value ? { member: at("whose").value } : {});
  } catch (problem) {
    if (["unauthenticated", "session-ended"].includes(problem.slug)) return showSignedOut();
    if (wish === making) hideCode(problem.slug === "offline" ? say.offline : say.code_failed);
    return;
  }
  if (wish !== making) return;
  clockOffsetMs = Date.parse(made.now) - Date.now();
  if (made.receipt_hex) keepReceipt(made.receipt_hex);
  at("hint").textContent = made.hint;
  try {
    await draw(made.qr_text);
  } catch {
    return hideCode(say.code_undrawn);
  }
  if (wish !== making) return;
  shown = { endsAt: Date.parse(made.expires_at) };
  at("picture").toggleAttribute("hidden", false);
  at("code-failed").textContent = "";
}

function tick() {
  at("clock").textContent = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
    timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).format(now());
  const left = shown === null ? 0 : Math.floor((shown.endsAt - now()) / 1000);
  if (shown !== null) at("left").textContent = `${say.code_left} ${tellSeconds(Math.max(0, left))}`;
  if (shown !== null && left <= 0) hideCode(""); // what has ended is never shown
  if (Date.now() - reportAt >= REPORT_EVERY_MS && document.visibilityState === "visible") tellReport();
  if (left <= 5 && Date.now() >= nextTryAt && document.visibilityState === "visible") makeCode();
}

/** The receipts of the last day, the newest first: so long verdicts are kept. To anybody else they are worth nothing. */
const receipts = () => JSON.parse(localStorage.getItem(RECEIPTS) ?? "[]").filter(([at]) => now() - at < DAY_MS);

function keepReceipt(receipt) {
  localStorage.setItem(RECEIPTS, JSON.stringify([[now(), receipt], ...receipts()]));
}

// --- how things are told ---

function list(pairs) {
  const told = document.createElement("dl");
  for (const [name, text] of pairs) if (text) told.append(element("dt", name), element("dd", text));
  return told;
}

function tellCause(cause) {
  const until = cause.until === null ? "" : ` – ${tellTime(cause.until)}`;
  return `${read(cause.words)} (${say.since} ${tellTime(cause.since)}${until}). ${say.clears}: ${read(cause.clears)}`;
}

// --- what my code says ---

function showReport(view) {
  at("report").replaceChildren(element("p", read(view.sentence), "said"), list([
    [say.next_step, view.level === "00" && view.reason === null ? "" : read(view.next_step)],
    ...view.causes.map((cause) => [say.causes, tellCause(cause)]),
    [say.home_status, read(view.home_status)],
    [say.source, read(view.source)],
    [say.as_of, view.as_of && tellTime(view.as_of)],
    [say.valid_until, view.as_of && (view.valid_until ? tellTime(view.valid_until) : say.no_end)],
    [say.detail, view.others_consulted ? "" : say.report_partial],
    [say.object_at, read(view.object_at)],
  ]));
}

async function tellReport() {
  const member = at("whose").value;
  reportAt = Date.now();
  try {
    const view = await change("POST", "/v1/my/report", member ? { member } : {});
    if (at("whose").value === member) showReport(view);
  } catch (problem) {
    const why = problem.slug === "forbidden" ? say.report_theirs : problem.slug === "offline" ? say.offline : say.report_failed;
    if (at("whose").value === member) at("report").replaceChildren(element("p", why));
  }
}

/** A day in Beijing, as the moment of its first or last second. */
const startOfDay = (day) => `${day}T00:00:00+08:00`;
const endOfDay = (day) => `${day}T23:59:59+08:00`;

async function declare(event) {
  event.preventDefault();
  const until = at("declare-until").value;
  const stay = { division: at("declare-where").value, since: startOfDay(at("declare-since").value) };
  if (until) stay.until = endOfDay(until);
  try {
    await change("POST", "/v1/my/declarations", { stays: [stay] });
    event.target.reset();
    at("declare-told").textContent = say.done;
    await Promise.all([makeCode(), tellReport()]);
  } catch (problem) {
    at("declare-told").textContent = problem.slug === "offline" ? say.offline : `${say.failed}: ${problem.slug}`;
  }
}

// --- why ---

const heldWords = ({ name, held }) => held ? `${read(name)}: ${held.map(read).join(", ") || say.none}` : read(name);

const tellException = (one) => `${read(one.why)} (${one.legal_basis}; ${read(one.registrar)}; ${say.until} ${one.until ?? say.no_end}; ${one.id})`;

/** What decided: the row, on what it rests, what was looked at; and what would alter it. */
const tellRule = (rule, row) => !rule ? [[say.rule, row]] : [
  [say.nearest, rule.nearest_change && read(rule.nearest_change)],
  [say.rule, rule.row],
  [say.legal_basis, rule.legal_basis],
  [say.inputs_used, rule.inputs_used.map(heldWords).join("; ")],
  [say.exception, rule.exception && tellException(rule.exception)],
];

const tellVehicle = (one) =>
  one && `${one.plate}; ${one.route.map(read).join(" → ")}; ${tellTime(one.valid_from)} – ${tellTime(one.valid_until)}`;

function showWhy(view) {
  const headline = element("h3", read(view.headline));
  headline.tabIndex = -1;
  at("why").replaceChildren(headline, element("p", read(view.sentence)), list([
    [say.next_step, read(view.next_step)],
    ...view.causes.map((cause) => [say.causes, tellCause(cause)]),
    [say.measures, view.measures.map(read).join("; ")],
    [say.home_status, read(view.home_status)],
    [say.source, read(view.source)],
    [say.as_of, view.as_of && tellTime(view.as_of)],
    [say.valid_until, view.as_of && (view.valid_until ? tellTime(view.valid_until) : say.no_end)],
    ...tellRule(view.rule, view.row),
    [say.vehicle, tellVehicle(view.vehicle)],
    [say.detail, view.notes.map(read).join("; ")],
    [say.object_at, read(view.object_at)],
  ]));
  headline.focus();
}

/** Ask with so many receipts at a time as one question may hold, until they are used up. */
async function askWhy(asked, held) {
  try {
    return await change("POST", "/v1/my/explanations", { ...asked, receipts: held.slice(0, RECEIPTS_MAX) });
  } catch (problem) {
    if (problem.slug !== "forbidden" || held.length <= RECEIPTS_MAX) throw problem;
    return askWhy(asked, held.slice(RECEIPTS_MAX));
  }
}

async function explain(event) {
  event.preventDefault();
  const asked = { host: at("host").value, ref: at("reference").value.trim() };
  try {
    showWhy(await askWhy(asked, receipts().map(([, receipt]) => receipt)));
  } catch (problem) {
    at("why").replaceChildren(element("p", problem.slug === "offline" ? say.offline : say.why_failed, "error"));
  }
}

// --- looks and family ---

async function showLooks() {
  const told = await call("GET", "/v1/my/looks");
  at("looks").replaceChildren(...told.looks.map((look) =>
    element("li", `${tellTime(look.at)} · ${hostName(look.region)} · ${read(look.words)}`)));
  at("looks-told").textContent = [told.looks.length ? "" : say.looks_none, told.is_whole === false ? say.looks_partial : ""].join(" ").trim();
}

const hostName = (region) => [...at("host").options].find((option) => option.value === region)?.textContent ?? region;

function tellRelative(relative) {
  const line = element("li", `${relative.hint} · ${say.until} ${tellTime(relative.ends_at)} `);
  const end = element("button", say.end_bond, "quiet");
  end.type = "button";
  end.setAttribute("aria-label", `${say.end_bond}: ${relative.hint}`);
  end.addEventListener("click", () => act(() => change("DELETE", `/v1/my/family/${relative.bond_id}`)));
  line.append(end);
  return line;
}

async function showFamily() {
  const family = await call("GET", "/v1/my/family");
  at("members").replaceChildren(...family.members.map(tellRelative));
  at("holders").replaceChildren(...family.holders.map(tellRelative));
  if (!family.members.length) at("members").append(element("li", say.none));
  if (!family.holders.length) at("holders").append(element("li", say.none));
  const chosen = at("whose").value;
  const options = family.members.map((member) => new Option(member.hint, member.bond_id));
  at("whose").replaceChildren(new Option(say.own, ""), ...options);
  at("whose").value = family.members.some((member) => member.bond_id === chosen) ? chosen : "";
  if (at("whose").value !== chosen) changeWhose();
}

/** Do something with the family, say how it went, and show what there is now. */
async function act(doing) {
  let told = say.done;
  try {
    await doing();
  } catch (problem) {
    told = problem.slug === "offline" ? say.offline : `${say.failed}: ${problem.slug}`;
  }
  at("family-told").textContent = told;
  await showFamily().catch(() => {});
}

function changeWhose() {
  hideCode("");
  at("report").replaceChildren();
  makeCode();
  tellReport();
}

// --- signing in and out ---

function showSignedOut() {
  clearInterval(ticking);
  hideCode("");
  at("report").replaceChildren();
  at("desk").hidden = true;
  at("signed-out").hidden = false;
  if (new URLSearchParams(location.search).has("sign_in")) at("sign-in-failed").textContent = say.sign_in_failed;
}

async function signOut() {
  await change("POST", "/v1/my/sign-out").catch(() => {});
  localStorage.removeItem(RECEIPTS);
  showSignedOut();
  at("sign-in-title").tabIndex = -1;
  at("sign-in-title").focus();
}

function wire() {
  at("whose").addEventListener("change", changeWhose);
  at("why-form").addEventListener("submit", explain);
  at("declare-form").addEventListener("submit", declare);
  at("declaring").hidden = !identity.takes_declarations;
  at("sign-out").addEventListener("click", signOut);
  wireCases(change);
  wireEverything();
  at("invite").addEventListener("click", () => act(async () => {
    const made = await change("POST", "/v1/my/family/invitations");
    at("invitation").textContent = `${say.invitation}: ${made.invitation}`;
  }));
  at("consent-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const accepted = { invitation: at("consent-invitation").value.trim().toLowerCase(), consent: at("consent").checked };
    act(() => change("POST", "/v1/my/family/consents", accepted));
    event.target.reset();
  });
  at("wards").replaceChildren(...identity.wards.map((ward) => {
    const button = element("button", `${say.bind}: ${ward.hint}`);
    button.type = "button";
    button.addEventListener("click", () => act(() => change("POST", "/v1/my/family", { ward: ward.ward })));
    return button;
  }));
}

watchLink(at("link"), say);
let ticking;
try {
  identity = await call("GET", "/v1/my/identity");
} catch {
  identity = null;
}
if (identity === null) {
  showSignedOut();
} else {
  clockOffsetMs = Date.parse(identity.now) - Date.now();
  at("hint").textContent = identity.hint;
  at("desk").hidden = false;
  wire();
  await makeCode();
  ticking = setInterval(tick, 1000);
  tick();
  await Promise.allSettled([tellReport(), showLooks(), showFamily(), showCases(change)]);
}
document.body.dataset.ready = "true";
