// The map of risk areas: the level of every province and city at a moment, and the same as a table.
// What is drawn comes from the page's own `vendor/map.json`; where that was not built there is the table alone.

import { call, watchLink } from "./node.js";
import { at, say, tellTime } from "./words.js";

const RISKS = {
  high: say.risk_high, medium: say.risk_medium, mixed: say.risk_mixed, low: say.risk_low, unknown: say.risk_unknown,
};
const SOURCES = { official_list: say.source_official_list, case_counts: say.source_case_counts };
const BEIJING = "+08:00";
const SVG = "http://www.w3.org/2000/svg";

const provinces = JSON.parse(at("provinces").dataset.names);
const shapes = new Map();
let picture = null;
let told = { divisions: [], in_force: null };

const element = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });
const byNumber = () => new Map(told.divisions.map((one) => [one.number, one]));
const view = () => document.querySelector("input[name=by]:checked").value;
const part = () => at("part").value;
const provinceOf = (number) => provinces[number.slice(0, 2)] ?? number.slice(0, 2);
const nameOf = (one) => one.number.length === 2 ? provinceOf(one.number) : one.name;
/** Whether a number is drawn and told as a city: a whole province that has none inside is one. */
const isCity = (number) => number.length > 2 || !told.divisions.some((one) => one.number.length > 2 && one.number.startsWith(number));

function asked() {
  const text = at("moment").value;
  return text ? `${text}:00${BEIJING}` : null;
}

const query = (pairs) => {
  const given = Object.entries(pairs).filter(([, value]) => value !== null);
  return given.length ? `?${new URLSearchParams(given)}` : "";
};

const explain = (problem) => problem.status === 0 ? say.offline : `${say.map_failed} ${problem.detail}`.trim();

function makePath(data, number) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", data);
  if (number) {
    path.dataset.number = number;
    path.append(document.createElementNS(SVG, "title"));
    path.addEventListener("click", () => { at("shape").textContent = path.firstChild.textContent; });
  }
  return path;
}

async function loadPicture() {
  try {
    picture = await call("GET", "/pages/vendor/map.json");
  } catch {
    at("map-says").textContent = say.map_absent;
    at("by").hidden = true;
    return;
  }
  at("map").removeAttribute("hidden"); // a picture has no property of that name
  at("inset").setAttribute("d", picture.inset);
  at("borders").append(...Object.values(picture.provinces).map((data) => makePath(data, null)));
}

function drawAreas() {
  if (picture === null) return;
  shapes.clear();
  for (const [number, data] of Object.entries(picture[view()])) shapes.set(number, makePath(data, number));
  at("areas").replaceChildren(...shapes.values());
}

function zoom() {
  if (picture === null) return;
  for (const [number, path] of shapes) path.classList.toggle("outside", !number.startsWith(part()));
  const numbers = [...shapes.keys()].filter((number) => part() && number.startsWith(part()));
  const boxes = numbers.map((number) => shapes.get(number).getBBox());
  if (!boxes.length) {
    at("map").setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
    return;
  }
  const [left, top] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))];
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  at("map").setAttribute("viewBox", `${left - 6} ${top - 6} ${right - left + 12} ${bottom - top + 12}`);
}

function colour() {
  const known = byNumber();
  for (const [number, path] of shapes) {
    const one = known.get(number);
    path.dataset.risk = one?.risk ?? "unknown";
    const name = one ? nameOf(one) : provinceOf(number);
    path.firstChild.textContent = `${name}: ${RISKS[path.dataset.risk]}${one ? `, ${say.map_since} ${tellTime(one.since)}` : ""}`;
  }
}

function shown() {
  const wanted = view() === "cities" ? (one) => isCity(one.number) : (one) => one.number.length === 2;
  return told.divisions.filter((one) => wanted(one) && one.number.startsWith(part()));
}

function showLegend() {
  const counts = shown().reduce((sums, one) => ({ ...sums, [one.risk]: (sums[one.risk] ?? 0) + 1 }), {});
  at("legend").replaceChildren(...Object.entries(RISKS).map(([risk, words]) => {
    const item = element("li", risk === "unknown" ? words : `${words}: ${counts[risk] ?? 0}`);
    item.dataset.risk = risk;
    return item;
  }));
}

function showTable() {
  const rows = shown().filter((one) => !at("only").checked || one.risk !== "low");
  const lines = rows.map((one) => {
    const line = document.createElement("tr");
    const level = element("td", RISKS[one.risk]);
    level.dataset.risk = one.risk;
    const city = one.number.length === 2 ? say.map_whole : one.name;
    line.append(element("td", provinceOf(one.number)), element("td", city), level,
      element("td", tellTime(one.since)), element("td", SOURCES[one.source]));
    return line;
  });
  if (!lines.length) {
    const line = document.createElement("tr");
    line.append(Object.assign(element("td", say.none), { colSpan: 5 }));
    lines.push(line);
  }
  at("rows").replaceChildren(...lines);
}

function showInForce() {
  const list = told.in_force;
  const since = told.divisions.map((one) => one.since).sort().at(-1);
  if (list !== null) at("in-force").textContent = `${SOURCES[list.source]}: ${tellTime(list.as_of)}`;
  else at("in-force").textContent = since ? `${SOURCES.official_list}: ${tellTime(since)}` : say.map_nothing;
}

function show() {
  showInForce();
  drawAreas();
  colour();
  zoom();
  showLegend();
  showTable();
  at("shape").textContent = "";
}

async function load() {
  try {
    told = await call("GET", `/v1/risk-map${query({ at: asked() })}`);
  } catch (problem) {
    told = { divisions: [], in_force: null };
    show();
    at("in-force").textContent = explain(problem);
    return;
  }
  show();
}

function describeArea(one) {
  const names = [one.province, one.city, one.county, one.community];
  const name = names.filter((each, position) => each && !names.slice(0, position).includes(each)).join(" ");
  const end = one.until === null ? "" : `, ${say.map_until} ${tellTime(one.until)}`;
  return `${name}: ${RISKS[one.level]}, ${say.map_since} ${tellTime(one.since)}${end} (${SOURCES[one.source]})`;
}

async function find(event) {
  event.preventDefault();
  at("found").replaceChildren();
  try {
    const answer = await call("GET", `/v1/risk-levels${query({ place: at("place").value.trim(), at: asked() })}`);
    const lines = [
      ...answer.divisions.map((one) => `${one.number} ${nameOf(one)}: ${RISKS[one.risk]}, ${say.map_since} ${tellTime(one.since)} (${SOURCES[one.source]})`),
      ...answer.areas.map(describeArea),
    ];
    at("find-says").textContent = lines.length ? `${say.map_found}: ${lines.length}${answer.has_more_areas ? "+" : ""}` : say.map_not_named;
    at("found").append(...lines.map((line) => element("li", line)));
  } catch (problem) {
    at("find-says").textContent = explain(problem);
  }
}

at("part").append(...Object.entries(provinces).map(([number, name]) => Object.assign(element("option", name), { value: number })));
at("moment-form").addEventListener("submit", (event) => { event.preventDefault(); load(); });
at("now").addEventListener("click", () => { at("moment").value = ""; load(); });
at("part").addEventListener("change", show);
at("by").addEventListener("change", show);
at("only").addEventListener("change", showTable);
at("find-form").addEventListener("submit", find);
watchLink(at("link"), say);
await loadPicture();
await load();
document.body.dataset.ready = "true";
