// Error correction on the operator's page: what is waiting, who it is about, and how it is decided.

import { callSigned } from "./node.js";
import { at, read, say, tellTime } from "./words.js";

const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });

let examined = null;

export function caseCells(held, one, region) {
  const isLate = ["late", "overdue"].includes(one.state);
  const state = element("span", read(one.state_sentence), isLate ? "warn" : "");
  return [one.number, read(one.claim_sentence), state, tellTime(one.decide_by),
    one.decider === region ? examineButton(held, one) : `${say.case_elsewhere}: ${read(one.decider_name)}`];
}

function examineButton(held, one) {
  const button = element("button", say.case_examine, "quiet");
  button.type = "button";
  button.setAttribute("aria-label", `${say.case_examine}: ${one.number}`);
  button.addEventListener("click", () => examine(held, one));
  return button;
}

async function examine(held, one) {
  try {
    const seen = await callSigned(held, "POST", `/v1/cases/${one.number}/examination`);
    examined = one.number;
    at("case-title").textContent = `${one.number} · ${read(one.claim_sentence)}`;
    at("case-whom").textContent = [seen.name, ...seen.documents.map(({ type, number }) => `${type} ${number}`)].join(" · ");
    at("case-choice").replaceChildren(...seen.choices.map((choice) =>
      new Option(read(choice.sentence), `${choice.decision} ${choice.ground}`)));
    at("case").showModal();
    at("case-choice").focus();
  } catch (problem) {
    at("case-told").textContent = problem.slug === "offline" ? say.offline : `${say.failed}: ${problem.slug}`;
  }
}

export function wireCases(held, refresh) {
  at("case-leave").addEventListener("click", () => at("case").close());
  at("case").addEventListener("close", () => at("case-whom").replaceChildren());
  at("case-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [decision, ground] = at("case-choice").value.split(" ");
    try {
      await callSigned(held, "POST", `/v1/cases/${examined}/decision`, { decision, ground });
      at("case-told").textContent = `${examined}: ${at("case-choice").selectedOptions[0].textContent}`;
    } catch (problem) {
      at("case-told").textContent = problem.slug === "offline" ? say.offline : `${say.failed}: ${problem.slug}`;
    }
    at("case").close();
    await refresh();
    at("cases-title").focus();
  });
}
