// A rule table as an official can read it: row by row, conditions and outcome in words. Shared by reading and editing.

import { button, element, list, makeTable, outcomeBadge } from "./elements.js";
import { at, language, read, say } from "./words.js";

const KINDS = ["exception", "row", "not_checked", "ceiling"];
const HEADINGS = {
  exception: say.rules_kind_exception, row: say.rules_kind_row,
  not_checked: say.rules_kind_not_checked, ceiling: say.rules_kind_ceiling,
};
const evidenceWords = JSON.parse(at("choices").dataset.evidence);
const demandWords = JSON.parse(at("choices").dataset.demands);

const or = (texts) => texts.join(language === "zh" ? say.rules_or : say.rules_or.padEnd(4));

/** The conditions as a list; `nothing` where there are none. */
export function tellConditions(when, nothing) {
  if (!when.length) return element("span", { text: nothing });
  return element("ul", { className: "when", children: when.map((one) =>
    element("li", { children: [element("b", { text: read(one.name) }), `: ${or(one.values.map(read))}`] })) });
}

export function evidence(slug) {
  const tag = element("span", { className: "tag", text: evidenceWords[slug] ?? slug });
  tag.dataset.evidence = slug;
  return tag;
}

/** Where a span of days lies beside a day, in a word. */
export const stateOf = (row, day) =>
  row.first_day > day ? say.rules_to_come : row.last_day !== null && row.last_day < day ? say.rules_over : say.rules_holds;

const dayOf = (text) => element("span", { className: "day", text });

const tellRange = (row) => element("span", { children: [`${say.rules_from} `, dayOf(row.first_day),
  ...row.last_day ? [` ${say.rules_until} `, dayOf(row.last_day)] : [` (${say.rules_no_end})`]] });

export const tellDays = (row, day) => [
  tellRange(row), " ",
  Object.assign(element("span", { className: "tag", text: stateOf(row, day) }), { title: day }),
];

const tellBasis = (row) => [element("span", { text: row.legal_basis }), " ", evidence(row.evidence)];

function tellOutcome(row) {
  if (row.kind === "not_checked") return [say.rules_unread];
  if (row.kind === "ceiling") return [demandWords[row.demand] ?? row.demand];
  const told = [outcomeBadge(row.outcome, row.headline)];
  if (row.measure_words.length) told.push(list(row.measure_words.map(read), "measures"));
  if (row.why) told.push(element("p", { className: "small", text: `${say.rules_why}: ${read(row.why)}` }));
  if (row.registrar) told.push(element("p", { className: "small", text: `${say.rules_registrar}: ${read(row.registrar)}` }));
  return told;
}

/** A name of a row, which may be broken where its words end. */
export const tellName = (id) => element("code", { children: id.split(/(?<=_)/).flatMap((part) => [part, document.createElement("wbr")]) });

function tellId(row) {
  const told = [tellName(row.id)];
  if (row.overrides.length) told.push(element("p", { className: "small", text: `${say.rules_overrides}: ${row.overrides.join(", ")}` }));
  return told;
}

/** The rows of a table's answer, by kind. What is not in force on `day` is shown paler, with when it is. */
export function tellRows(rows, day) {
  return KINDS.flatMap((kind) => {
    const ours = rows.filter((row) => row.kind === kind);
    if (!ours.length) return [];
    const nothing = kind === "row" || kind === "exception" ? say.rules_anybody : say.rules_anywhere;
    const heads = [say.rules_id, say.rules_who, say.rules_outcome, say.rules_basis, say.rules_days];
    const table = makeTable(HEADINGS[kind], heads, ours.map((row) =>
      [tellId(row), tellConditions(row.when, nothing), tellOutcome(row), tellBasis(row), tellDays(row, day)]), "rules");
    ours.forEach((row, index) => {
      table.tBodies[0].rows[index].dataset.held = String(stateOf(row, day) === say.rules_holds);
    });
    return [element("h3", { text: HEADINGS[kind] }), table];
  });
}

export const nameOf = (head) => `${read(head.name)}${head.site ? ` · ${head.site}` : ""}`;

/** One table with its head, its rows, and its file where the node has it. */
export function tellTable(answer, day, level = "h2") {
  const { head } = answer;
  const told = element("section", { className: "card wide" });
  told.setAttribute("aria-label", nameOf(head));
  told.append(
    element(level, { text: nameOf(head) }),
    element("p", { className: "small", children: [
      `${head.region}/${head.id} · ${say.rules_version} ${head.version} · `, ...tellDays(head, day)] }),
  );
  if (head.urgent) told.append(element("p", { children: [`${say.rules_urgent}: ${read(head.urgent)}`] }));
  told.append(...tellRows(answer.rows, day));
  if (answer.toml) {
    told.append(element("details", { children: [
      element("summary", { text: say.rules_file }),
      Object.assign(element("pre", { text: answer.toml }), { tabIndex: 0 })] }));
  }
  return told;
}

/** Both texts of a notice side by side, with a button that prints them alone. */
export function tellNotice(notice, title) {
  const told = element("div", { className: "notices" });
  for (const [lang, text] of [["zh-CN", notice.zh], ["en", notice.en]]) {
    told.append(Object.assign(element("p", { className: "notice-text", text }), { lang }));
  }
  const print = button(say.rules_print, () => {
    told.classList.add("printed");
    globalThis.print();
    told.classList.remove("printed");
  });
  print.setAttribute("aria-label", `${say.rules_print}: ${title}`);
  return element("div", { children: [told, print] });
}
