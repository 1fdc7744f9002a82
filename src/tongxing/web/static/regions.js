// Regions as everybody may read them: all in a list, one with its evidence, two compared, and a code where another reads it.

import { element, list, makeTable, outcomeBadge, tellProblem } from "./elements.js";
import { call, watchLink } from "./node.js";
import { at, language, read, say } from "./words.js";

const INTERFACE = ["family", "qr"];
const DAY = /^\d{4}-\d\d-\d\d$/;
const ASKED = ["one", "other"];

let today = "";
let heads = [];
let asked = 0;

const colon = language === "zh" ? "：" : ": ";
const comma = language === "zh" ? "、" : ", ";
const ask = (path, query) => call("GET", `${path}?${new URLSearchParams(query)}`);
const beside = (text) => language === "zh" ? `（${text}）` : ` (${text})`;
const toldAs = (word) => `${say.regions_told}${language === "zh" ? "" : " "}“${word}”`;
const small = (text) => element("p", { className: "small", text });
const address = (asking) => `#${new URLSearchParams(Object.entries(asking).filter(([, value]) => value))}`;

function mark(status) {
  const made = element("span", { className: "mark", text: read(status.said) });
  made.dataset.colour = status.colour;
  return made;
}

function card(title, children) {
  const made = element("section", { className: "card", children: [element("h2", { text: title, tabIndex: -1 }), ...children] });
  made.setAttribute("aria-label", title);
  return made;
}

// --- all regions ---

function showList(day) {
  const shown = heads.filter((head) => head.takes_part || !at("only").checked);
  const titles = [say.regions_one, say.regions_code, say.regions_statuses, say.regions_ways, say.regions_evidence];
  at("list").replaceChildren(makeTable(say.regions_list, titles, shown.map((head) => [
    [element("a", { text: read(head.name), href: address({ on: day, one: head.region }) }), ` ${head.region}`,
      ...head.takes_part ? [small(say.regions_part)] : []],
    head.code_name ? read(head.code_name) : say.regions_no_code,
    head.statuses.map(mark),
    head.ways.map(read).join(comma) || say.rules_empty,
    head.evidence.map((one) => `${read(one.sure_words)} ${one.facts}`).join(comma),
  ]), "all"));
}

// --- one region ---

/** How sure something is, with the number of its source below. */
function grade(place, sources) {
  const source = sources[place];
  const tag = element("span", { className: "tag", text: `${read(source.sure_words)} ${place + 1}`, title: source.source });
  tag.dataset.evidence = source.sure;
  return tag;
}

function tellStatuses(region) {
  const sources = region.evidence;
  const said = (one) => element("p", { children: [`${read(one.said)} `, grade(one.evidence, sources)] });
  const meaning = (one) => element("li", { children: [
    read(one.said), ...one.level === null ? [] : [beside(`${say.regions_level} ${one.level}`)],
    ...one.told === null ? [] : [beside(toldAs(one.told))], " ", grade(one.evidence, sources)] });
  const titles = [say.regions_status, say.regions_means, say.regions_holds, say.regions_setters];
  return makeTable(say.regions_statuses, titles, region.statuses.map((status) => [
    [mark(status.mark), grade(status.evidence, sources)],
    element("ul", { children: status.meanings.map(meaning) }),
    status.holds ? said(status.holds) : say.regions_holds_on,
    status.setters.map(said),
  ]));
}

function tellFacts(facts, sources) {
  const groups = new Map();
  for (const fact of facts) groups.set(fact.topic, [...groups.get(fact.topic) ?? [], fact]);
  return element("div", { className: "facts", children: [...groups.values()].map((group) => element("div", { children: [
    element("h3", { text: read(group[0].title) }),
    element("ul", { children: group.map((fact) => element("li", { children: [tellFact(fact), " ", grade(fact.evidence, sources)] })) }),
  ] })) });
}

/** What a region has, by its name alone; of anything else, what is said of it too. */
function tellFact(fact) {
  if (["way", "document", "source"].includes(fact.topic)) return read(fact.about);
  return read(fact.about) ? `${read(fact.about)}${colon}${read(fact.said)}` : read(fact.said);
}

function tellSources(sources) {
  const titles = ["", say.regions_evidence, say.regions_source, say.regions_since, say.regions_until];
  return makeTable(say.regions_sources, titles, sources.map((one, place) =>
    [String(place + 1), read(one.sure_words), one.source, one.since, one.until ?? say.rules_no_end]), "sources");
}

function tellDays(region) {
  const [first, ...days] = region.days_of_change;
  const link = (day) => element("li", { children: [
    element("a", { text: day, href: address({ on: day, one: region.head.region, since: dayBefore(day) }) })] });
  return [small(`${say.regions_first} ${first}`), ...days.length ? [
    element("h3", { text: say.regions_changes }), element("ul", { className: "days", children: days.map(link) })] : []];
}

function dayBefore(day) {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() - 1);
  return moment.toISOString().slice(0, 10);
}

function tellRegion(region) {
  const { head, evidence: sources } = region;
  const facts = region.facts.filter((fact) => !INTERFACE.includes(fact.topic));
  const fold = (title, children) => element("details", { children: [element("summary", { text: title }), ...children] });
  const begun = head.code_name !== null || head.statuses.length > 0;
  return card(`${read(head.name)} ${head.region}`, [
    element("p", { children: [
      element("b", { text: head.code_name ? read(head.code_name) : say.regions_no_code }), ` · ${region.on} · `,
      head.takes_part ? say.regions_part : say.regions_no_part] }),
    ...begun ? [tellStatuses(region), tellFacts(facts, sources)] : [],
    ...tellDays(region),
    ...begun ? [
      fold(say.regions_interface, [tellFacts(region.facts.filter((fact) => INTERFACE.includes(fact.topic)), sources)]),
      fold(say.regions_sources, [tellSources(sources)])] : [],
  ]);
}

// --- two regions ---

function tellPlaces(answer, _, { length }) {
  const places = length === 1 ? say.regions_every : answer.places.map(read).join(comma);
  const notes = [
    ...answer.unread.length ? [`${say.regions_unread}${answer.unread.map(read).join(comma)}`] : [],
    ...answer.row ? [`${say.regions_row} ${answer.row}${answer.by_exception ? beside(say.regions_exception) : ""}`] : [],
  ];
  return element("div", { className: "reach", children: [
    outcomeBadge(answer.outcome, answer.headline), ` ${places}`,
    ...answer.measures.length ? [list(answer.measures.map(read), "measures")] : [],
    small(read(answer.sentence)), ...notes.map(small)] });
}

function tellAcceptance(pair) {
  const title = `${read(pair.issuer.name)} → ${read(pair.host.name)}`;
  if (pair.code_name === null || !pair.cases.length) return card(title, [element("p", { text: say.regions_no_code })]);
  const titles = [say.regions_shown, say.regions_learnt, say.regions_shown_as, say.regions_comes];
  return card(title, [
    element("p", { children: [element("b", { text: `${say.regions_pair}${colon}` }), read(pair.code_name)] }),
    makeTable(title, titles, pair.cases.map((one) => [
      [mark(one.mark), ...one.told ? [small(toldAs(one.told))] : []],
      read(one.telling),
      [one.shown_as ? mark(one.shown_as) : say.regions_not_shown, ...one.losses.map((loss) => small(`${say.regions_lost}${colon}${read(loss)}`))],
      one.answers.map(tellPlaces),
    ]), "pair"),
    small(say.regions_pair_says),
  ]);
}

function tellDifferences(told) {
  const side = (one) => told.first.region === told.other.region ? one.on : read(one.name);
  const said = (all) => all.length ? list(all.map(read)) : "–";
  const title = say.regions_differ;
  if (!told.differences.length) return card(title, [element("p", { text: say.regions_same })]);
  return card(title, [
    makeTable(title, [say.regions_what, side(told.first), side(told.other)], told.differences.map((one) =>
      [read(one.subject), said(one.first), said(one.other)]), "differ"),
    small(`${say.regions_alike}${told.alike}`),
  ]);
}

// --- the address says what is shown: a link to a region, a pair or a day can be sent around ---

function takeAddress() {
  const asking = new URLSearchParams(location.hash.slice(1));
  const has = (id, value) => [...at(id).options].some((option) => option.value === value);
  const day = (name) => DAY.test(asking.get(name) ?? "") ? asking.get(name) : "";
  for (const id of ASKED) at(id).value = has(id, asking.get(id) ?? "") ? asking.get(id) ?? "" : "";
  at("day").value = day("on") || today;
  at("language").hash = location.hash;
  return { on: at("day").value, one: at("one").value, other: at("other").value, since: day("since") };
}

async function fetchShown({ on, one, other, since }) {
  if (!one) return [];
  const region = ask(`/v1/regions/${one}`, { on });
  if (since && !other) {
    const changed = ask(`/v1/regions/${one}/differences/${one}`, { on: since, other_on: on });
    return [tellDifferences(await changed), tellRegion(await region)];
  }
  if (!other || other === one) return [tellRegion(await region)];
  const [there, back, differ] = await Promise.all([
    ask(`/v1/acceptance/${one}/${other}`, { on }), ask(`/v1/acceptance/${other}/${one}`, { on }),
    ask(`/v1/regions/${one}/differences/${other}`, { on })]);
  return [tellAcceptance(there), tellAcceptance(back), tellDifferences(differ)];
}

async function show() {
  const order = ++asked;
  const asking = takeAddress();
  at("told").textContent = "";
  at("swap").hidden = !asking.one || !asking.other;
  try {
    const [all, parts] = await Promise.all([ask("/v1/regions", { on: asking.on }), fetchShown(asking)]);
    if (order !== asked) return;
    heads = all.regions;
    at("listing").hidden = parts.length > 0;
    showList(asking.on);
    at("shown").replaceChildren(...parts);
  } catch (problem) {
    if (order !== asked) return;
    at("listing").hidden = true;
    at("shown").replaceChildren();
    at("told").textContent = `${say.regions_failed}${colon}${tellProblem(problem)}`;
  }
}

function goTo(asking) {
  const wanted = address(asking);
  if (location.hash === wanted) show();
  else location.hash = wanted;
}

const chosen = () => ({ on: at("day").value, one: at("one").value, other: at("one").value && at("other").value });

watchLink(at("link"), say);
try {
  const told = await ask("/v1/regions", {});
  today = told.on;
  for (const id of ASKED) at(id).append(...told.regions.map((head) => new Option(`${head.region} ${read(head.name)}`, head.region)));
  await show();
} catch (problem) {
  at("told").textContent = `${say.regions_failed}${colon}${tellProblem(problem)}`;
}
at("region-form").addEventListener("submit", (event) => {
  event.preventDefault();
  goTo(chosen());
});
for (const id of ASKED) at(id).addEventListener("change", () => goTo(chosen()));
at("swap").addEventListener("click", () => {
  const { on, one, other } = chosen();
  goTo({ on, one: other, other: one });
});
at("only").addEventListener("change", () => showList(at("day").value));
addEventListener("hashchange", show);
document.body.dataset.ready = "true";
