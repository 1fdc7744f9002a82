// What the rules of a day cost people: a dry run of the hub as tables and as a picture, with and without an exception.

import { call, watchLink } from "./node.js";
import { at, language, read, say, tellTime } from "./words.js";

const RUN_MS = 60_000;
const RISKS = {
  low: say.risk_low, medium: say.risk_medium, high: say.risk_high, mixed: say.risk_mixed, unknown: say.risk_unknown,
};
const KINDS = [
  ["nothing_asked", say.cost_nothing], ["measures", say.cost_measures],
  ["referred", say.cost_referred], ["stopped", say.cost_stopped],
];

let asked = 0;

const element = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });
const percent = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const count = new Intl.NumberFormat(language);
const share = (tally, kind) => tally.pairs ? percent.format(tally[kind] / tally.pairs) : "–";

function makeTable(heads, rows) {
  const table = document.createElement("table");
  const line = document.createElement("tr");
  line.append(...heads.map((text) => Object.assign(element("th", text), { scope: "col" })));
  table.createTHead().append(line);
  const body = table.createTBody();
  for (const [first, ...rest] of rows) {
    const row = body.insertRow();
    row.append(Object.assign(element("th", first), { scope: "row" }), ...rest.map((text) => element("td", text)));
  }
  return table;
}

/** One row for each name: the shares, and beside them what they would be without the exception. */
function makeShares(runs, of) {
  const [first] = runs;
  const heads = ["", say.cost_pairs, ...KINDS.map(([, words]) => words)];
  const rows = of(first).flatMap((one, index) => runs.map((run, which) => {
    const { tally } = of(run)[index];
    const changed = one.title === say.cost_now ? say.cost_changed : `${one.title} (${say.cost_changed})`;
    const name = which === 0 ? one.title : changed;
    return [name, count.format(tally.pairs), ...KINDS.map(([kind]) => share(tally, kind))];
  }));
  return makeTable(heads, rows);
}

const named = (list) => list.map((one) => ({ title: read(one.name), tally: one.tally }));

/** The picture is drawn by the hub: shapes and texts alone, put in as nodes. */
function makePicture(run, title) {
  const figure = document.createElement("figure");
  figure.tabIndex = 0; // a phone scrolls it sideways
  const svg = new DOMParser().parseFromString(run.svg, "image/svg+xml").documentElement;
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  svg.setAttribute("aria-label", title);
  figure.append(element("figcaption", title), document.adoptNode(svg));
  return figure;
}

function makePairs(run) {
  const names = new Map(run.by_host.map((one) => [one.id, read(one.name)]));
  const tallies = new Map(run.pairs.map(({ origin, host, tally }) => [`${origin}/${host}`, tally]));
  const numbers = [...names.keys()];
  const cell = (tally) => tally?.pairs ? String(Math.round(100 * tally.nothing_asked / tally.pairs)) : "–";
  return makeTable([say.cost_from_to, ...names.values()], numbers.map((origin) =>
    [names.get(origin), ...numbers.map((host) => cell(tallies.get(`${origin}/${host}`)))]));
}

function show(told) {
  const runs = told.changed ? [told.in_force, told.changed] : [told.in_force];
  const titles = [say.cost_now, say.cost_changed];
  const risks = Object.entries(told.cities_at_risk).filter(([, cities]) => cities);
  at("risks").textContent = `${say.cost_risks} (${told.cities}; ${say.as_of} ${tellTime(told.risks_as_of)}): ${
    risks.map(([risk, cities]) => `${RISKS[risk]} ${cities}`).join(", ")}`;
  const total = (run) => [{ title: say.cost_now, tally: run.total }];
  at("summary").replaceChildren(makeShares(runs, total));
  at("exceptions").replaceChildren(...told.exceptions.map((one) =>
    element("li", `${one.id}: ${count.format(one.pairs)}. ${read(one.why)}`)));
  if (!told.exceptions.length) at("exceptions").append(element("li", say.none));
  at("pictures").replaceChildren(...runs.map((run, index) => makePicture(run, titles[index])));
  at("pairs").replaceChildren(...runs.flatMap((run, index) =>
    runs.length > 1 ? [element("h3", titles[index]), makePairs(run)] : [makePairs(run)]));
  at("by-place").replaceChildren(makeShares(runs, (run) => named(run.by_place_kind)));
  at("by-host").replaceChildren(makeShares(runs, (run) => named(run.by_host)));
  at("by-origin").replaceChildren(makeShares(runs, (run) => named(run.by_origin)));
  fillExceptions(told.exceptions);
  at("heat").hidden = false;
}

function fillExceptions(exceptions) {
  const chosen = at("without").value;
  const options = exceptions.map((one) => new Option(one.id, one.id));
  at("without").replaceChildren(new Option(say.cost_none, ""), ...options);
  at("without").value = exceptions.some((one) => one.id === chosen) ? chosen : "";
}

async function run() {
  const mine = ++asked;
  const query = { lang: language };
  if (at("place-kind").value) query.place_kind = at("place-kind").value;
  if (at("without").value) query.without = at("without").value;
  at("run-told").textContent = say.cost_running;
  try {
    const told = await call("GET", `/v1/dry-runs/${at("day").value}?${new URLSearchParams(query)}`, { deadlineMs: RUN_MS });
    if (mine !== asked) return;
    show(told);
    at("run-told").textContent = "";
  } catch (problem) {
    if (mine !== asked) return;
    at("heat").hidden = true;
    const unknown = problem.status === 404 ? say.cost_no_levels : problem.title;
    at("run-told").textContent = problem.slug === "offline" ? say.offline : `${unknown} (${problem.detail})`;
  }
}

watchLink(at("link"), say);
at("run-form").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
at("day").addEventListener("change", () => { at("without").value = ""; });
await run();
document.body.dataset.ready = "true";
