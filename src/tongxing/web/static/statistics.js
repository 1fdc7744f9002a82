// What is counted of all regions, for those who decide: tables with what is few withheld, and plots of the same numbers.

import { button, element, tellProblem } from "./elements.js";
import { signRequest } from "./keys.js";
import { callSigned, watchLink } from "./node.js";
import { pairedKey } from "./pairing.js";
import { at, language, read, say, tellTime } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const ROLE = "operator";
const WITHHELD = "—";
const STATES = ["low", "medium", "high"];
const SHADES = 4;
const PLOT = { width: 800, row: 22, label: 190, number: 90 };

let held;
const count = new Intl.NumberFormat(language);
const tell = (number) => number === null ? WITHHELD : count.format(number);

function drawn(name, attributes, children = []) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** One bar for each row, of parts `{kind, number}`; what is withheld has no length. The numbers stand in the table. */
function makeBars(label, rows) {
  const room = PLOT.width - PLOT.label - PLOT.number;
  const sum = (parts) => parts.reduce((all, part) => all + (part.number ?? 0), 0);
  const most = Math.max(1, ...rows.map((row) => sum(row.parts)));
  const svg = drawn("svg", { class: "plot", viewBox: `0 0 ${PLOT.width} ${rows.length * PLOT.row}`, role: "img", "aria-label": label });
  rows.forEach((row, place) => {
    const top = place * PLOT.row;
    let left = PLOT.label;
    svg.append(drawn("text", { x: 0, y: top + 15 }, [row.name]));
    for (const part of row.parts) {
      const width = room * (part.number ?? 0) / most;
      svg.append(drawn("rect", { x: left, y: top + 3, width, height: PLOT.row - 6, class: part.kind }));
      left += width;
    }
    svg.append(drawn("text", { x: left + 6, y: top + 15 }, [row.told]));
  });
  return svg;
}

const kindOf = (key) => STATES.includes(key) ? key : "rest";

function makeLegend(columns) {
  return element("ul", { className: "legend", children: columns.map((column) =>
    element("li", { text: read(column.name), className: kindOf(column.key) })) });
}

function makeTable(table) {
  const most = Math.max(1, ...table.rows.flatMap((row) => row.numbers.map((number) => number ?? 0)));
  const cell = (number) => {
    const made = element("td", { text: tell(number) });
    if (number) made.dataset.shade = Math.ceil(SHADES * number / most);
    return made;
  };
  const head = (text, scope) => element("th", { text, scope });
  const totals = table.has_totals;
  const line = (name, numbers, total) => element("tr", { children: [
    head(name, "row"), ...numbers.map(cell), ...totals ? [element("td", { text: tell(total) })] : []] });
  return element("table", { children: [
    element("thead", { children: [element("tr", { children: [
      element("td"), ...table.columns.map((column) => head(read(column.name), "col")), ...totals ? [head(say.stats_total, "col")] : []] })] }),
    element("tbody", { children: [
      ...table.rows.map((row) => line(read(row.name), row.numbers, row.total)),
      ...totals ? [line(say.stats_total, table.totals, table.total)] : []] })] });
}

async function download(table, day) {
  const target = `/v1/statistics/${table}.csv?day=${day}`;
  const answer = await fetch(target, { headers: await signRequest(held, "GET", target, null, ""), cache: "no-store" });
  if (!answer.ok) {
    at("told").textContent = `${say.stats_failed} (${answer.status})`;
    return;
  }
  const link = element("a", { href: URL.createObjectURL(await answer.blob()), download: `${table}-${day}.csv` });
  link.click();
  URL.revokeObjectURL(link.href);
}

function card(title, children) {
  const made = element("section", { className: "card", children: [element("h2", { text: title }), ...children] });
  made.setAttribute("aria-label", title);
  return made;
}

function scrolled(title, table) {
  const made = element("div", { className: "scroll", tabIndex: 0, children: [table] });
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", title);
  return made;
}

function tellTable(table, told) {
  const title = read(table.title);
  const plot = table.table === "levels" ? [makeLegend(table.columns), makeBars(say.stats_bars, table.rows.map((row) => ({
    name: read(row.name), told: tell(row.total),
    parts: table.columns.map((column, place) => ({ kind: kindOf(column.key), number: row.numbers[place] })),
  })))] : [];
  return card(title, [...plot, scrolled(title, makeTable(table)),
    button(`${say.stats_csv}: ${title}`, () => download(table.table, told.day))]);
}

function tellSeries(series) {
  const parts = ([, medium, high]) => [{ kind: "medium", number: medium }, { kind: "high", number: high }];
  return card(say.stats_series, [makeBars(say.stats_series, series.map((one) => ({
    name: one.day, told: `${tell(one.numbers[1])} / ${tell(one.numbers[2])}`, parts: parts(one.numbers),
  })))]);
}

async function show(day) {
  try {
    const told = await callSigned(held, "GET", `/v1/statistics${day ? `?day=${day}` : ""}`);
    at("day").replaceChildren(...told.days.map((one) => new Option(one.day, one.day)));
    at("day").value = told.day ?? "";
    const counted = told.days.find((one) => one.day === told.day);
    at("told").textContent = counted ? `${say.stats_counted}: ${tellTime(counted.counted_at)} · ${read(told.withheld)}` : say.stats_none;
    const [levels, ...others] = told.tables.filter((table) => table.rows.length).sort((one) => one.table === "levels" ? -1 : 0);
    at("shown").replaceChildren(
      ...levels ? [tellTable(levels, told)] : [],
      ...told.series.length ? [tellSeries(told.series)] : [],
      ...others.map((table) => tellTable(table, told)));
  } catch (problem) {
    at("shown").replaceChildren();
    at("told").textContent = `${say.stats_failed}: ${tellProblem(problem)}`;
  }
}

watchLink(at("link"), say);
held = await pairedKey(ROLE);
at("desk").hidden = false;
at("day").addEventListener("change", () => show(at("day").value));
at("day-form").addEventListener("submit", (event) => event.preventDefault());
await show("");
document.body.dataset.ready = "true";
