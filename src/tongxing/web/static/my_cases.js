// Error correction on the citizen's page: what is wrong, its number and clock; who says that a document is mine.

import { call } from "./node.js";
import { at, read, say, tellTime } from "./words.js";

const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

const typed = () => ({
  document: { type: at("case-type").value, number: at("case-document").value.trim() },
  name: at("case-name").value.trim(),
});

const why = (problem) => ({
  forbidden: say.case_not_yours, limited: say.case_limited, offline: say.offline,
}[problem.slug] ?? `${say.failed}: ${problem.detail || problem.slug}`);

function button(text, name, doing) {
  const made = element("button", text, "quiet");
  made.type = "button";
  made.setAttribute("aria-label", `${text}: ${name}`);
  made.addEventListener("click", doing);
  return made;
}

function tellCase(one, change) {
  const line = element("li", "");
  const steps = element("ul", "", "small");
  steps.append(...one.steps.map((step) => element("li", `${tellTime(step.at)} · ${read(step.sentence)}`)));
  const isOpen = !["decided", "withdrawn"].includes(one.state);
  line.append(
    element("strong", one.number), ` · ${read(one.claim_sentence)} · ${read(one.decider_name)} · ${read(one.state_sentence)}`,
    ...(isOpen ? [` · ${say.case_due} ${tellTime(one.decide_by)} · ${say.case_limit} ${tellTime(one.limit_at)} `] : []),
    ...(isOpen ? [button(say.case_withdraw, one.number, () => act(
      () => change("POST", `/v1/my/cases/${one.number}/withdrawal`), change, () => say.done))] : []),
    steps,
  );
  return line;
}

function tellLink(link, change) {
  const line = element("li", `${read(link.region_name)} ${say.link_says} · ${read(link.ground_sentence)} · ${tellTime(link.said_at)} `);
  if (link.match_sentence) line.append(`· ${read(link.match_sentence)} `);
  line.append(button(say.link_object, read(link.region_name), () => {
    if (!at("case-document").value || !at("case-name").value) {
      at("documents-told").textContent = say.link_fill;
      return at("case-document").focus();
    }
    return act(() => change("POST", `/v1/my/documents/${link.link_id}/objection`, typed()), change);
  }));
  return line;
}

/** Do something, say how it went, and show what there is now. */
async function act(doing, change, told = (done) => `${say.case_opened} ${done.number}`) {
  try {
    at("case-told").textContent = told(await doing());
  } catch (problem) {
    at("case-told").textContent = why(problem);
  }
  await showCases(change).catch(() => {});
}

export async function showCases(change) {
  const [{ cases }, documents] = await Promise.all([call("GET", "/v1/my/cases"), call("GET", "/v1/my/documents")]);
  at("cases").replaceChildren(...(cases.length ? cases.map((one) => tellCase(one, change)) : [element("li", say.cases_none)]));
  at("documents").replaceChildren(...documents.links.map((link) => tellLink(link, change)));
  at("documents-told").textContent = [
    documents.links.length ? "" : say.documents_none, documents.is_whole ? "" : say.documents_partial,
  ].join(" ").trim();
}

export function wireCases(change) {
  at("case-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const opened = { claim: at("case-claim").value, against: at("case-against").value, ...typed() };
    act(() => change("POST", "/v1/my/cases", opened), change);
  });
}
