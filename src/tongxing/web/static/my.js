// The citizen's page: my code, made anew each minute; why it was decided so; who has looked; my family.

import { call, watchLink } from "./node.js";
import { at, language, read, say, tellSeconds, tellTime } from "./words.js";

const BORDER = 4;
const RECEIPTS = "receipts";
const RECEIPTS_MAX = 60;
const TRY_AGAIN_MS = 5000;
const SVG = "http://www.w3.org/2000/svg";

let identity;
let clockOffsetMs = 0;
let shown = null; // the code on the screen: when it ends
let making = 0; // an answer counts only for the newest wish
let nextTryAt = 0;

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
  if (left <= 5 && Date.now() >= nextTryAt && document.visibilityState === "visible") makeCode();
}

const receipts = () => JSON.parse(sessionStorage.getItem(RECEIPTS) ?? "[]");

function keepReceipt(receipt) {
  sessionStorage.setItem(RECEIPTS, JSON.stringify([...receipts(), receipt].slice(-RECEIPTS_MAX)));
}

// --- why ---

function list(pairs) {
  const told = document.createElement("dl");
  for (const [name, text] of pairs) if (text) told.append(element("dt", name), element("dd", text));
  return told;
}

function tellCause(cause) {
  const until = cause.until === null ? "" : ` – ${tellTime(cause.until)}`;
  return `${read(cause.words)} (${say.since} ${tellTime(cause.since)}${until}). ${say.clears}: ${read(cause.clears)}`;
}

function showWhy(view) {
  const headline = element("h3", read(view.headline));
  headline.tabIndex = -1;
  at("why").replaceChildren(headline, element("p", read(view.sentence)), list([
    ...view.causes.map((cause) => [say.causes, tellCause(cause)]),
    [say.measures, view.measures.map(read).join("; ")],
    [say.home_status, read(view.home_status)],
    [say.source, read(view.source)],
    [say.as_of, view.as_of && tellTime(view.as_of)],
    [say.valid_until, view.as_of && (view.valid_until ? tellTime(view.valid_until) : say.no_end)],
    [say.rule, view.row],
    [say.detail, view.notes.map(read).join("; ")],
    [say.object_at, read(view.object_at)],
  ]));
  headline.focus();
}

async function explain(event) {
  event.preventDefault();
  const asked = { host: at("host").value, ref: at("reference").value.trim(), receipts: receipts() };
  try {
    showWhy(await change("POST", "/v1/my/explanations", asked));
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
  makeCode();
}

// --- signing in and out ---

function showSignedOut() {
  clearInterval(ticking);
  sessionStorage.removeItem(RECEIPTS);
  hideCode("");
  at("desk").hidden = true;
  at("signed-out").hidden = false;
  if (new URLSearchParams(location.search).has("sign_in")) at("sign-in-failed").textContent = say.sign_in_failed;
}

async function signOut() {
  await change("POST", "/v1/my/sign-out").catch(() => {});
  showSignedOut();
  at("sign-in-title").tabIndex = -1;
  at("sign-in-title").focus();
}

function wire() {
  at("whose").addEventListener("change", changeWhose);
  at("why-form").addEventListener("submit", explain);
  at("sign-out").addEventListener("click", signOut);
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
  await Promise.allSettled([showLooks(), showFamily()]);
}
document.body.dataset.ready = "true";
