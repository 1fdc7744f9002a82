// Proposals of rule tables: read the notice and who is treated differently, then approve or reject what others proposed.

import { field } from "./row_form.js";
import { button, element, tellProblem } from "./elements.js";
import { tellNotice, tellRows } from "./rule_table.js";
import { at, read, say, tellTime } from "./words.js";

const STATES = { open: say.edit_open_state, approved: say.edit_approved, rejected: say.edit_rejected, expired: say.edit_expired };

export const PROVING_MS = 90_000;

/** A file is named by whose table it is; the national one by a word. */
const regionOf = (one) => /^\d+/.exec(one.file_name)?.[0] ?? "00";

/** Who is treated differently, by example. */
export function tellDifferences(differences) {
  if (!differences.length) return element("p", { text: say.edit_no_changes });
  return element("ol", { children: differences.map((one) => element("li", { children: [
    read(one.sentence), element("p", { className: "small", text: [one.before, one.after].map((row) => row ?? "–").join(" → ") })] })) });
}

export class Proposals {
  #ask;
  #keyId;
  #edit;

  /** `ask(method, path, value, how)` calls the hub; `edit(text)` opens a proposal's table in the editor. */
  constructor(ask, keyId, edit) {
    this.#ask = ask;
    this.#keyId = keyId;
    this.#edit = edit;
  }

  async show() {
    try {
      const { proposals } = await this.#ask("GET", "/v1/rule-proposals?limit=20");
      at("proposals").replaceChildren(...proposals.map((one) => this.#tell(one)));
      if (!proposals.length) at("proposals").append(element("p", { text: say.edit_no_proposals }));
    } catch (problem) {
      at("proposals-told").textContent = tellProblem(problem);
    }
  }

  #tell(one) {
    const isOwn = one.proposed_by === this.#keyId;
    const by = isOwn ? say.edit_you : one.proposed_by;
    const bundle = one.bundle_number === null ? "" : ` · ${say.edit_bundle} ${one.bundle_number}`;
    const title = `${one.file_name} · ${STATES[one.state]}${bundle} · ${tellTime(one.proposed_at)}`;
    const told = element("details", { className: "proposal", open: one.state === "open", children: [element("summary", { text: title })] });
    told.dataset.state = one.state;
    const until = one.state === "open" ? `; ${say.edit_expires} ${tellTime(one.expires_at)}` : "";
    told.append(element("p", { className: "small", text: `${say.edit_by}: ${by}${until}${one.why ? `; ${one.why}` : ""}` }),
      tellNotice(one.notice, title), this.#look(one));
    if (one.state === "open") told.append(...this.#deciding(one, isOwn, title));
    return told;
  }

  /** The whole difference and the table in words: fetched when somebody opens it. */
  #look(one) {
    const holder = element("div");
    const look = element("details", { children: [element("summary", { text: say.edit_look }), holder] });
    look.addEventListener("toggle", async () => {
      if (!look.open || holder.hasChildNodes()) return;
      holder.replaceChildren(element("p", { text: say.edit_examining }));
      try {
        const [reading, trial] = await Promise.all([
          this.#ask("POST", "/v1/rule-readings", one.table, { type: "application/toml" }),
          this.#ask("POST", "/v1/rule-trials", { region: regionOf(one), table: one.table, examine: true }, { deadlineMs: PROVING_MS }),
        ]);
        holder.replaceChildren(element("h3", { text: say.edit_changes }), tellDifferences(trial.differences),
          ...reading.table ? tellRows(reading.table.rows, reading.content.table.first_day) : [element("p", { text: reading.refused })]);
      } catch (problem) {
        holder.replaceChildren(element("p", { className: "error", text: tellProblem(problem) }));
      }
    });
    return look;
  }

  #deciding(one, isOwn, title) {
    const path = `/v1/rule-proposals/${one.proposal_id}`;
    let why = "";
    const asking = field(say.edit_reject_why, "", (text) => { why = text ?? ""; }, { maxLength: 500 });
    const reject = button(isOwn ? say.edit_take_back : say.edit_reject, () => {
      const told = why || (isOwn ? say.edit_take_back : "");
      if (!told) asking.querySelector("input").focus(); // nobody is rejected without a word
      else this.#decide(() => this.#ask("POST", `${path}/rejection`, { why: told }), () => say.edit_rejected);
    });
    const acts = [button(say.edit_edit, () => this.#edit(one.table)), reject];
    const made = [];
    if (isOwn) made.push(element("p", { text: say.edit_own }));
    else {
      made.push(asking);
      acts.unshift(button(say.edit_approve, () =>
        this.#decide(() => this.#ask("POST", `${path}/approval`, null, { deadlineMs: PROVING_MS }),
          (answer) => `${say.edit_published} ${answer.bundle_number}`), ""));
    }
    acts.forEach((act) => act.setAttribute("aria-label", `${act.textContent}: ${title}`));
    return [...made, element("p", { className: "row", children: acts })];
  }

  async #decide(act, tell) {
    at("proposals-told").textContent = say.edit_examining;
    let told;
    try {
      told = tell(await act());
    } catch (problem) {
      told = problem.slug === "forbidden" ? say.edit_same_hand : tellProblem(problem);
    }
    await this.show();
    at("proposals-told").textContent = told;
    at("proposals-title").focus();
  }
}
