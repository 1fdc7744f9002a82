// An example person: a form of the closed inputs, decided anew with every change, by the table and by what is in force.

import { choice, field, form, ticks } from "./row_form.js";
import { button, element, list, outcomeBadge, tellProblem } from "./elements.js";
import { at, read, say } from "./words.js";

const WAIT_MS = 250;
const LATER_INPUTS = ["credential", "test", "antigen", "vaccination", "recovery", "isolation"];

const USUAL = {
  standing: "current", level: "low", causes: ["nothing_found"], colour_only: false, origin_risk: "low",
  origin_precision: "city", others_consulted: true, place_kind: "traffic_gate", fever: "not_measured",
  credential: "code", groups: [], test: "unknown", antigen: "unknown", vaccination: "unknown",
  recovery: "unknown", isolation: "unknown",
};

/** What belongs together changes together, so that nobody impossible comes about by one choice. */
function mend(person, changed) {
  if (person.standing !== "current") Object.assign(person, { level: null, causes: [], colour_only: false });
  else person.level ??= "low";
  if (person.colour_only) person.causes = [];
  if (changed === "origin_precision" && person.origin_precision === "none") person.origin_risk = "unknown";
  else if (changed === "origin_precision" && person.origin_risk === "unknown") person.origin_risk = "low";
  if (person.origin_risk === "unknown") person.origin_precision = "none";
  else if (person.origin_precision === "none") person.origin_precision = "city";
}

export class Example {
  #person = structuredClone(USUAL);
  #day = "";
  #ask;
  #waiting = null;
  #asked = 0;

  /** `ask(body)` tries a table out; with `table` as if it were in force, null for what is in force. */
  constructor(ask) {
    this.#ask = ask;
  }

  get day() {
    return this.#day;
  }

  /** Take another person or day as the example, and show it. */
  become(person, day = this.#day) {
    this.#person = { ...structuredClone(USUAL), ...structuredClone(person) };
    this.#day = day;
    this.draw();
    this.tryLater();
  }

  /** Look at the same person on another day. */
  moveTo(day) {
    this.become(this.#person, day);
  }

  draw() {
    const value = (entry) => this.#person[entry.attribute];
    const change = (entry) => (word) => {
      const typed = entry.values.find((one) => String(one.word) === word);
      this.#person[entry.attribute] = typed === undefined ? null : typed.word;
      mend(this.#person, entry.name);
      const had = document.activeElement?.dataset.input;
      this.draw();
      at("example-form").querySelector(`[data-input="${had}"]`)?.focus();
      this.tryLater();
    };
    const fields = form.inputs.map((entry) => {
      const words = Object.fromEntries(entry.values.map((one) => [String(one.word), one.words]));
      if (entry.many) {
        const made = ticks(entry.words, words, value(entry), (held) => {
          this.#person[entry.attribute] = held ?? [];
          this.tryLater();
        });
        return [entry, element("details", { children: [element("summary", { text: this.#tell(entry, words) }), made] })];
      }
      if (entry.name === "level" && this.#person.standing !== "current") return [entry, null];
      const made = choice(entry.words, words, String(value(entry)), change(entry));
      made.querySelector("select").dataset.input = entry.name;
      return [entry, made];
    });
    const part = (names) => fields.filter(([entry, made]) => made && names(entry.name)).map(([, made]) => made);
    at("example-form").replaceChildren(
      field(say.rules_day, this.#day, (day) => { this.#day = day ?? ""; this.tryLater(); }, { type: "date" }),
      ...part((name) => !LATER_INPUTS.includes(name)), ...part((name) => LATER_INPUTS.includes(name)),
    );
  }

  #tell(entry, words) {
    const held = this.#person[entry.attribute].map((word) => words[word]);
    return `${entry.words}: ${held.length ? held.join(", ") : say.none}`;
  }

  /** Decide soon: while somebody is typing the last state counts. */
  tryLater() {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#try(), WAIT_MS);
  }

  async #try() {
    const asked = ++this.#asked;
    const tried = await Promise.allSettled([true, false].map((with_) => this.#ask(this.#person, this.#day, with_)));
    if (asked !== this.#asked) return;
    at("decided").replaceChildren(...tried.map((one, index) =>
      this.#tellTried(index === 0 ? say.edit_with : say.edit_without, one)));
    const now = tried[0].value?.decision; // a phone shows it at the bottom while the form is worked on
    at("now").replaceChildren(...now ? [outcomeBadge(now.outcome, now.headline), ` ${now.row}`] : []);
  }

  #tellTried(title, { status, value, reason }) {
    const told = element("div", { className: "tried", children: [element("h3", { text: title })] });
    if (status === "rejected") {
      told.append(element("p", { className: "error", text: tellProblem(reason) }));
      return told;
    }
    const { decision, nearest_change: change } = value;
    if (decision === null) {
      told.append(element("p", { text: `${say.edit_undecided} (${value.undecided})` }));
      return told;
    }
    told.append(outcomeBadge(decision.outcome, decision.headline), element("p", { text: read(decision.sentence) }));
    if (decision.measures.length) told.append(list(decision.measures.map(read), "measures"));
    told.append(element("p", { className: "small", text: `${say.edit_row}: ${decision.row}. ${decision.legal_basis}` }));
    if (change) {
      told.append(element("p", { children: [element("b", { text: `${say.edit_nearest}: ` }), read(change.sentence), " ",
        button(say.edit_become, () => this.become(change.situation, change.day))] }));
    }
    return told;
  }
}
