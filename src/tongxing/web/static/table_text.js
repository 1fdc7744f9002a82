// A rule table as TOML in parts: `[table]` and one part for each row, so that a form changes one part and no other.
// Reading TOML is the hub's work (`POST /v1/rule-readings`); written here is only what a form makes.

const HEAD = /^\s*\[\[?\s*(table|row|exception|not_checked|ceiling)\s*\]\]?\s*(#.*)?$/;
const NO_WORDS = /^\s*(#.*)?$/;
const FIELDS = {
  table: ["region", "site", "id", "name", "version", "first_day", "last_day", "urgent"],
  row: ["id", "when", "outcome", "measures", "reason", "legal_basis", "evidence", "first_day", "last_day", "overrides"],
  exception: [
    "id", "when", "why", "registrar", "outcome", "measures", "legal_basis", "evidence", "first_day", "last_day", "overrides",
  ],
  not_checked: ["id", "place_kind", "place_risk", "legal_basis", "evidence", "first_day", "last_day"],
  ceiling: ["id", "demand", "place_kind", "legal_basis", "evidence", "first_day", "last_day"],
};
/** What is as usual is not written. */
const USUAL = { site: "", version: 1 };

/** Split a text into parts: what stands above the first head, then each head with the comments before it. */
export function splitParts(text) {
  const lines = text.split("\n");
  const parts = [];
  let begin = 0; // of the comments that belong to what comes next
  let last = null;
  lines.forEach((line, index) => {
    const head = HEAD.exec(line);
    if (head) {
      if (last) last.body = lines.slice(last.from, begin).join("\n");
      last = { kind: head[1], lead: lines.slice(begin, index).join("\n"), from: index, body: "", value: null };
      parts.push(last);
      begin = index + 1;
    } else if (!NO_WORDS.test(line)) begin = index + 1;
  });
  if (last) last.body = lines.slice(last.from).join("\n").trimEnd();
  return parts;
}

export const joinParts = (parts) =>
  `${parts.map(({ lead, body }) => (lead ? `${lead}\n${body}` : body).trimEnd()).join("\n\n").replace(/\n{3,}/g, "\n\n")}\n`;

/** Give each part what the hub read of it. False if the text is not written in such parts. */
export function giveValues(parts, content) {
  const left = Object.fromEntries(Object.keys(FIELDS).map((kind) => [kind, [content[kind] ?? []].flat()]));
  for (const part of parts) part.value = clean(left[part.kind].shift());
  return parts.every((part) => part.value !== null) && Object.values(left).every((rest) => rest.length === 0);
}

/** Without what was not said: null and empty lists. */
function clean(value) {
  if (value === undefined || value === null) return null;
  const kept = Object.entries(value).filter(([, held]) => held !== null && !(Array.isArray(held) && !held.length));
  return Object.fromEntries(kept.map(([key, held]) =>
    [key, typeof held === "object" && !Array.isArray(held) ? clean(held) : held]));
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const DAY_FIELDS = ["first_day", "last_day"];

function write(key, value) {
  if (DAY_FIELDS.includes(key) && DAY.test(value)) return value;
  if (Array.isArray(value)) return `[${value.map((one) => write("", one)).join(", ")}]`;
  if (typeof value === "object") {
    const inside = Object.entries(value).map(([name, held]) => `${name} = ${write("", held)}`);
    return inside.length ? `{ ${inside.join(", ")} }` : "{}";
  }
  return JSON.stringify(value); // JSON's strings, numbers and booleans are TOML's
}

/** One part as TOML. What is empty or as usual is left out; `when` always stands. */
export function writePart(kind, value) {
  const isSaid = (key) => key === "when" || (value[key] !== undefined && value[key] !== null && value[key] !== ""
    && !(Array.isArray(value[key]) && !value[key].length) && USUAL[key] !== value[key]
    && !(kind === "exception" && key === "outcome" && value.outcome === "PASS_WITH_MEASURES"));
  const lines = FIELDS[kind].filter(isSaid).filter((key) => key !== "when" || kind === "row" || kind === "exception")
    .map((key) => `${key} = ${write(key, value[key] ?? {})}`);
  return [kind === "table" ? "[table]" : `[[${kind}]]`, ...lines].join("\n");
}
