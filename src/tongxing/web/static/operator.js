// The operator's page: how fresh the data are, who takes part, what was alarmed, whose keys are enrolled.

import { forgetKey } from "./keys.js";
import { callSigned, watchLink } from "./node.js";
import { caseCells, wireCases } from "./operator_cases.js";
import { pairedKey } from "./pairing.js";
import { at, read, say, tellSeconds, tellTime } from "./words.js";

const ROLE = "operator";
const EVERY_MS = 15000;
const OLD_SECONDS = 86400;
const SHIFT_MS = 12 * 3600 * 1000;

let held;

const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

function row(cells) {
  const line = document.createElement("tr");
  line.append(...cells.map((cell) => {
    const data = document.createElement("td");
    data.append(cell);
    return data;
  }));
  return line;
}

function fillRows(id, rows, whenEmpty) {
  const empty = document.createElement("tr");
  const data = element("td", whenEmpty);
  data.colSpan = at(id).parentElement.rows[0].cells.length;
  empty.append(data);
  at(id).replaceChildren(...(rows.length ? rows : [empty]));
}

function age(text, now) {
  if (text === null) return element("span", say.none);
  const seconds = Math.max(0, (Date.parse(now) - Date.parse(text)) / 1000);
  return element("span", `${tellTime(text)} (${tellSeconds(seconds)} ${say.ago})`, seconds > OLD_SECONDS ? "warn" : "");
}

function rotationWords({ version, counted_at: countedAt, counts, is_complete: isComplete, people_waiting: waiting }) {
  if (countedAt === null) return element("span", say.not_counted);
  if (isComplete) return element("span", `${say.key_version_done} ${version}`);
  const [held, old] = ["held", "old"].map((name) => counts.reduce((sum, count) => sum + count[name], 0));
  const wait = waiting ? `; ${waiting} ${say.key_people_wait}` : "";
  return element("span", `${held - old} / ${held} ${say.key_version_of} ${version}${wait}`, "warn");
}

function showFreshness(status, directory, rotation) {
  const bundle = status.bundle_number === null ? say.none : `${status.bundle_number}`;
  const pairs = [
    [say.status, element("span", status.is_ready ? say.is_ready : say.is_not_ready, status.is_ready ? "" : "warn")],
    [say.bundle, bundle],
    [say.bundle_age, age(status.bundle_issued_at, status.now)],
    [say.bundle_expires, tellTime(status.bundle_expires_at)],
    [say.risk_as_of, age(directory.risk_as_of, status.now)],
    ...(status.node === "gateway" ? [[say.hub_seen, age(directory.hub_seen_at, status.now)]] : []),
    [say.key_version, rotationWords(rotation)],
    [say.sessions, `${status.sessions}`],
    [say.version, `${status.node} ${status.region} · ${status.version}`],
  ];
  at("fresh").replaceChildren(...pairs.flatMap(([name, value]) => {
    const told = document.createElement("dd");
    told.append(value);
    return [element("dt", name), told];
  }));
}

function showDirectory(directory) {
  const now = Date.parse(directory.now);
  const counts = (key) => Date.parse(key.valid_from) <= now && (key.valid_until === null || now < Date.parse(key.valid_until));
  fillRows("directory", directory.regions.map((region) => {
    const keys = region.keys.filter(counts);
    const ends = keys.map((key) => key.valid_until).filter(Boolean).sort();
    return row([
      `${region.region} ${read(region.name)}`,
      element("span", region.suspended ? say.suspended : say.takes_part, region.suspended ? "warn" : ""),
      `${keys.length} / ${region.keys.length}`,
      ends.length ? tellTime(ends[0]) : say.no_end,
      region.url,
    ]);
  }), say.none);
}

const showAlarms = (alarms) => fillRows("alarms", alarms.map((alarm) =>
  row([tellTime(alarm.at), alarm.reason, alarm.ref ?? "", alarm.detail])), say.no_alarms);

const tellPlace = ({ site, division, division_name: name }) => [site, division, name].filter(Boolean).join(" ");

function showCredentials(credentials, now) {
  fillRows("credentials", credentials.map((held) => {
    const isOver = held.valid_until !== null && Date.parse(held.valid_until) <= Date.parse(now);
    const state = held.revoked ? say.revoked : isOver ? say.ended : say.in_force;
    return row([
      held.label, held.role, tellPlace(held), element("span", state, held.revoked ? "warn" : ""), tellTime(held.valid_until),
      held.revoked || isOver ? "" : revokeButton(held),
    ]);
  }), say.none);
}

// --- revoking: asked once more, since it cannot be taken back ---

let revoking = null;

function revokeButton(credential) {
  const button = element("button", say.revoke, "quiet");
  button.type = "button";
  button.setAttribute("aria-label", `${say.revoke}: ${credential.label} (${credential.role})`);
  button.addEventListener("click", () => {
    revoking = credential.key_id;
    at("revoke-whom").textContent = `${credential.label} (${credential.role})`;
    at("revoke-told").textContent = "";
    at("revoke").showModal();
    at("revoke-keep").focus();
  });
  return button;
}

async function revoke() {
  try {
    await callSigned(held, "DELETE", `/v1/credentials/${revoking}`);
    at("revoke-told").textContent = `${say.revoked}: ${at("revoke-whom").textContent}`;
  } catch (problem) {
    const why = { conflict: say.last_operator, offline: say.offline }[problem.slug] ?? problem.slug;
    at("revoke-told").textContent = `${say.failed}: ${why}`;
  }
  at("revoke").close();
  await refresh();
  at("credentials-title").focus();
}

async function refresh() {
  try {
    const paths = ["/v1/status", "/v1/directory", "/v1/key-rotation", "/v1/alarms?limit=50", "/v1/credentials", "/v1/cases"];
    const [status, directory, rotation, { alarms }, { credentials }, { cases }] = await Promise.all(
      paths.map((path) => callSigned(held, "GET", path)),
    );
    showFreshness(status, directory, rotation);
    showDirectory(directory);
    showAlarms(alarms);
    fillRows("cases", cases.map((one) => row(caseCells(held, one, status.region))), say.desk_cases_none);
    showCredentials(credentials, status.now);
    at("read-at").textContent = `${say.read_at} ${tellTime(status.now)}`;
    at("read-at").className = "";
  } catch (problem) {
    const refused = ["unauthenticated", "signature-invalid", "forbidden"].includes(problem.slug);
    at("read-at").textContent = refused ? say.key_refused : problem.slug === "offline" ? say.offline : problem.slug;
    at("read-at").className = "warn";
  }
}

async function offerPairing(event) {
  event.preventDefault();
  const [label, site, division] = ["label", "site", "division"].map((name) => at(`offer-${name}`).value);
  const until = new Date(Date.now() + held.clockOffset * 1000 + SHIFT_MS).toISOString();
  try {
    const offered = await callSigned(held, "POST", "/v1/pairings", { role: "device", label, site, division, valid_until: until });
    const link = element("a", `${location.origin}/checkpoint#pair=${offered.pairing_code}`);
    link.href = link.textContent;
    at("offered").replaceChildren(`${tellPlace({ site, ...offered })} ${say.pair_link}: `.trimStart(), link);
  } catch (problem) {
    at("offered").textContent = problem.slug === "offline" ? say.offline : `${problem.slug} ${problem.detail}`.trim();
  }
}

watchLink(at("link"), say);
held = await pairedKey(ROLE);
at("desk").hidden = false;
at("refresh").addEventListener("click", refresh);
at("revoke-now").addEventListener("click", revoke);
at("revoke-keep").addEventListener("click", () => at("revoke").close());
wireCases(held, refresh);
at("offer-form")?.addEventListener("submit", offerPairing);
at("unpair").addEventListener("click", async () => {
  await forgetKey(ROLE);
  location.reload();
});
await refresh();
setInterval(refresh, EVERY_MS);
document.body.dataset.ready = "true";
