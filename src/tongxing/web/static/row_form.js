// The form of one part of a rule table: every choice comes from a closed list, so that it can say nothing else.

import { button, element } from "./elements.js";
import { at, say } from "./words.js";

export const form = JSON.parse(at("choices").dataset.form);

let counted = 0;
const nextId = () => `field-${counted += 1}`;

/** A field with its label; `input` says what was typed, `undefined` for nothing. */
export function field(label, value, onChange, { type = "text", ...more } = {}) {
  const id = nextId();
  const input = element("input", { id, type, value: value ?? "", ...more });
  input.addEventListener("input", () => onChange(input.value === "" ? undefined : type === "number" ? input.valueAsNumber : input.value));
  return element("div", { children: [labelled(label, id), input] });
}

const labelled = (text, id) => element("label", { text, htmlFor: id });

export function choice(label, options, value, onChange) {
  const id = nextId();
  const select = element("select", { id });
  select.append(...Object.entries(options).map(([word, words]) => new Option(words, word)));
  select.value = value ?? "";
  select.addEventListener("change", () => onChange(select.value));
  return element("div", { children: [labelled(label, id), select] });
}

/** Tick boxes for a list of words, in the order of the closed list; nothing ticked is no list at all. */
export function ticks(label, options, held, onChange) {
  const chosen = new Set(held ?? []);
  const boxes = Object.entries(options).map(([word, words]) => {
    const input = element("input", { type: "checkbox", checked: chosen.has(word) });
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(word);
      else chosen.delete(word);
      onChange(chosen.size ? Object.keys(options).filter((each) => chosen.has(each)) : undefined);
    });
    return element("label", { className: "choice", children: [input, words] });
  });
  return element("fieldset", { children: [element("legend", { text: label }), ...boxes] });
}

const wordsOf = (entry) => Object.fromEntries(entry.values.map(({ word, words }) => [String(word), words]));

function told(entry, when) {
  const words = wordsOf(entry);
  const said = entry.many
    ? [["_any", say.edit_any_of], ["_none", say.edit_none_of]].flatMap(([suffix, name]) => {
      const held = when[entry.name + suffix];
      return held ? [`${name} ${held.map((word) => words[word]).join(", ")}`] : [];
    })
    : [when[entry.name] ?? []].flat().map((word) => words[String(word)]);
  return `${entry.words}: ${said.length ? said.join(", ") : say.edit_any}`;
}

/** The conditions: one part for each input, folded while it is open to anything. */
function conditions(when, onChange) {
  const set = (key, value) => {
    if (value === undefined) delete when[key];
    else when[key] = value;
    onChange();
  };
  const parts = form.inputs.map((entry) => {
    const summary = element("summary", { text: told(entry, when) });
    const tell = (key, value) => {
      set(key, value);
      summary.textContent = told(entry, when);
    };
    const words = wordsOf(entry);
    const isBoolean = entry.values.every(({ word }) => typeof word === "boolean");
    let inside;
    if (entry.many) {
      inside = [["_any", say.edit_any_of], ["_none", say.edit_none_of]].map(([suffix, name]) =>
        ticks(`${entry.words}, ${name}`, words, when[entry.name + suffix], (value) => tell(entry.name + suffix, value)));
    } else if (isBoolean) {
      const read = (value) => value === "" ? undefined : value === "true";
      inside = [choice(entry.words, { "": say.edit_any, ...words }, when[entry.name] === undefined ? "" : String(when[entry.name]),
        (value) => tell(entry.name, read(value)))];
    } else {
      inside = [ticks(entry.words, words, when[entry.name], (value) => tell(entry.name, value))];
    }
    return element("details", { className: "input", children: [summary, ...inside] });
  });
  return element("fieldset", { className: "conditions", children: [element("legend", { text: say.edit_when }), ...parts] });
}

const bothLanguages = (value, key, zh, en, set) => {
  const said = { zh: "", en: "", ...(value[key] ?? {}) };
  const change = (lang) => (text) => {
    said[lang] = text ?? "";
    set(key, said.zh || said.en ? { ...said } : undefined);
  };
  const bounds = { minLength: 2, maxLength: 500, required: key !== "urgent" };
  return [field(zh, said.zh, change("zh"), bounds), field(en, said.en, change("en"), bounds)];
};

const reasonsFor = (outcome, held) => Object.fromEntries(Object.entries(form.reasons)
  .filter(([name, reason]) => reason.outcomes.includes(outcome) || name === held)
  .map(([name, reason]) => [name, `${reason.words} (${name})`]));

/** Outcome, measures and reason stand or fall together: what an outcome cannot have is taken away with it. */
function outcomes(kind, value, set) {
  const holder = element("div");
  const outcomesOf = kind === "row" ? form.outcomes
    : Object.fromEntries(["PASS_WITH_MEASURES", "REFER"].map((each) => [each, form.outcomes[each]]));
  const draw = () => {
    const outcome = value.outcome ?? "PASS_WITH_MEASURES";
    const parts = [choice(say.edit_outcome, outcomesOf, outcome, (word) => {
      set("outcome", word);
      if (word !== "PASS_WITH_MEASURES") set("measures", undefined);
      if (kind === "row" && !form.reasons[value.reason]?.outcomes.includes(word)) set("reason", Object.keys(reasonsFor(word))[0]);
      draw();
      holder.querySelector("select").focus();
    })];
    if (outcome === "PASS_WITH_MEASURES") {
      parts.push(ticks(say.edit_measures, form.measures, value.measures, (list) => set("measures", list)));
    }
    if (kind === "row") {
      const reasons = reasonsFor(outcome, value.reason);
      delete reasons.local_condition; // of exceptions alone
      parts.push(choice(say.edit_reason, reasons, value.reason, (word) => set("reason", word)));
    }
    holder.replaceChildren(...parts);
  };
  draw();
  return holder;
}

const days = (value, set) => element("div", { className: "row", children: [
  field(say.edit_first_day, value.first_day, (day) => set("first_day", day), { type: "date" }),
  field(say.edit_last_day, value.last_day, (day) => set("last_day", day), { type: "date" }),
] });

/** The form of a part; `onChange` is called after each change of `value`. `later` are the rows it may go before. */
export function makeForm(kind, value, onChange, later = []) {
  const set = (key, held) => {
    if (held === undefined) delete value[key];
    else value[key] = held;
    onChange();
  };
  const id = field(say.edit_id, value.id, (text) => set("id", text), { pattern: "[a-z][a-z0-9_]{1,47}", maxLength: 48, required: true });
  if (kind === "table") {
    return [
      ...bothLanguages(value, "name", say.edit_name_zh, say.edit_name_en, set), id,
      field(say.edit_version, value.version ?? 1, (number) => set("version", number), { type: "number", min: 1, max: 9999 }),
      days(value, set),
      ...bothLanguages(value, "urgent", say.edit_urgent_zh, say.edit_urgent_en, set),
    ];
  }
  const parts = [id];
  if (kind === "row" || kind === "exception") {
    value.when ??= {};
    parts.push(conditions(value.when, onChange), outcomes(kind, value, set));
  }
  if (kind === "exception") {
    parts.push(...bothLanguages(value, "why", say.edit_why_zh, say.edit_why_en, set),
      ...bothLanguages(value, "registrar", say.edit_registrar_zh, say.edit_registrar_en, set));
  }
  if (kind === "ceiling") parts.push(choice(say.edit_demand, form.demands, value.demand, (word) => set("demand", word)));
  if (kind === "not_checked" || kind === "ceiling") {
    parts.push(ticks(say.edit_places, form.places, value.place_kind, (list) => set("place_kind", list)));
  }
  if (kind === "not_checked") {
    parts.push(ticks(say.edit_place_risk, form.risks, value.place_risk, (list) => set("place_risk", list)));
  }
  parts.push(
    field(say.edit_basis, value.legal_basis, (text) => set("legal_basis", text), { minLength: 2, maxLength: 500, required: true }),
    choice(say.edit_evidence, form.evidence, value.evidence, (word) => set("evidence", word)),
    days(value, set),
  );
  if ((kind === "row" || kind === "exception") && later.length) {
    parts.push(ticks(say.edit_overrides, Object.fromEntries(later.map((name) => [name, name])), value.overrides,
      (list) => set("overrides", list)));
  }
  return parts;
}

/** The buttons that move or take away a part; `name()` is what it is called now. */
export const moving = (name, acts) => element("p", { className: "row", children: [
  [say.edit_up, acts.up], [say.edit_down, acts.down], [say.edit_delete, acts.remove],
].filter(([, act]) => act).map(([words, act]) => {
  const made = button(words, act);
  made.tell = () => made.setAttribute("aria-label", `${words}: ${name()}`);
  made.tell();
  return made;
}) });
