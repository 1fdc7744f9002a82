// The API as this node answers it: calls by kind and the types they take and give, from its own OpenAPI document.

import { element, makeTable, tellProblem } from "./elements.js";
import { call, watchLink } from "./node.js";
import { at, language, say } from "./words.js";

const BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default"];
const DEADLINE_MS = 20000;

const comma = language === "zh" ? "、" : ", ";
const code = (text) => element("code", { text });
const line = (title, parts) => element("p", { children: [title, ...parts] });
/** A sentence of the document, whose names stand between backticks. */
const prose = (text) => text.split("`").map((part, place) => place % 2 ? code(part) : part);
const between = (parts, mark) => parts.flatMap((part, place) => place ? [mark, ...part] : part);

/** A type as it is read: words, and links to what has a name. */
function tellType(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return [element("a", { text: name, href: `#type-${name}` })];
  }
  const any = schema.anyOf ?? schema.oneOf;
  if (any) return between(any.map(tellType), " | ");
  if (schema.enum) return [code(schema.enum.map((value) => JSON.stringify(value)).join(" | "))];
  if ("const" in schema) return [code(JSON.stringify(schema.const))];
  if (schema.prefixItems) return ["[", ...between(schema.prefixItems.map(tellType), ", "), "]"];
  if (schema.type === "array") return ["[", ...tellType(schema.items || {}), " …]"];
  if (typeof schema.additionalProperties === "object") return ["{… ", ...tellType(schema.additionalProperties), "}"];
  const format = schema.format ?? schema.contentEncoding;
  return [`${schema.type ?? "JSON"}${format ? ` (${format})` : ""}`];
}

function tellMeaning(schema, needed) {
  const bounds = BOUNDS.filter((name) => name in schema).map((name) => `${name} ${JSON.stringify(schema[name])}`);
  return [...needed ? [element("span", { className: "tag", text: say.reference_needed }), " "] : [],
    ...schema.description ? [...prose(schema.description), " "] : [], ...bounds.length ? [code(bounds.join("; "))] : []];
}

function tellMembers(title, members) {
  return makeTable(title, [say.reference_name, say.reference_type, say.reference_meaning],
    members.map(({ name, schema, needed }) => [code(name), tellType(schema), tellMeaning(schema, needed)]), "members");
}

const tellContent = (content = {}) => between(Object.entries(content).map(([media, { schema }]) =>
  [...tellType(schema), ` ${media}`]), "; ");

function tellCall(operation) {
  const parts = [];
  if (operation.description) parts.push(line("", prose(operation.description)));
  const roles = operation["x-roles"] ?? [];
  parts.push(line(say.reference_roles, [roles.join(comma) || say.reference_anybody]));
  if (operation.security) parts.push(line(say.reference_by, [operation.security.map((all) => Object.keys(all).join(" + ")).join(" | ")]));
  if (operation.parameters.length) {
    parts.push(element("h3", { text: say.reference_parameters }), tellMembers(say.reference_parameters,
      operation.parameters.map(({ name, in: place, schema, required }) => ({ name: `${name} (${place})`, schema, needed: required }))));
  }
  if (operation.requestBody) parts.push(line(say.reference_body, tellContent(operation.requestBody.content)));
  parts.push(element("h3", { text: say.reference_answers }), makeTable(say.reference_answers,
    [say.reference_status, say.reference_type, say.reference_meaning],
    Object.entries(operation.responses).map(([status, answer]) => [status, tellContent(answer.content), prose(answer.description)]), "answers"));
  return parts;
}

function tellNamed(name, schema) {
  const members = Object.entries(schema.properties ?? {}).map(([member, of]) =>
    ({ name: member, schema: of, needed: (schema.required ?? []).includes(member) }));
  return [...schema.description ? [line("", prose(schema.description))] : [],
    members.length ? tellMembers(name, members) : line("", [...tellType(schema), " ", ...tellMeaning({ ...schema, description: "" }, false)])];
}

/** Something that opens, and is told only then: a document has hundreds of types. */
function opening(id, head, tell) {
  const inside = element("div");
  const made = element("details", { id, children: [element("summary", { children: head }), inside] });
  made.addEventListener("toggle", () => {
    if (made.open && !inside.childElementCount) inside.append(...tell());
  });
  return made;
}

function callsOf(told) {
  return Object.entries(told.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => {
    const mark = element("span", { className: "method", text: method.toUpperCase() });
    mark.dataset.method = mark.textContent;
    const head = [mark, " ", code(path), element("span", { className: "said", children: [code(operation.operationId), " ", ...prose(operation.summary)] })];
    const kind = operation.tags[0];
    return { kind, words: `${path} ${operation.operationId} ${operation.summary} ${kind}`.toLowerCase(),
      shown: opening(operation.operationId, head, () => tellCall(operation)) };
  }));
}

function showCalls(calls) {
  const kinds = new Map();
  for (const one of calls) kinds.set(one.kind, [...kinds.get(one.kind) ?? [], one]);
  at("calls").replaceChildren(...[...kinds].map(([kind, of]) => {
    const made = element("section", { className: "card", children: [element("h2", { text: kind }), ...of.map(({ shown }) => shown)] });
    made.setAttribute("aria-label", kind);
    return made;
  }));
}

function find(calls) {
  const words = at("word").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const each of calls) each.shown.hidden = !words.every((word) => each.words.includes(word));
  for (const section of at("calls").children) section.hidden = !section.querySelector("details:not([hidden])");
  at("told").textContent = `${say.reference_count}${calls.filter(({ shown }) => !shown.hidden).length}`;
}

/** A link names a call or a type: it is opened and brought into sight. */
function goTo() {
  at("language").hash = location.hash;
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(wanted instanceof HTMLDetailsElement)) return;
  wanted.hidden = false;
  wanted.closest("section").hidden = false;
  wanted.open = true;
  wanted.querySelector("summary").focus();
  wanted.scrollIntoView();
}

watchLink(at("link"), say);
try {
  const told = await call("GET", "/openapi.json", { deadlineMs: DEADLINE_MS });
  const calls = callsOf(told);
  showCalls(calls);
  at("types").append(...Object.entries(told.components.schemas).map(([name, schema]) =>
    opening(`type-${name}`, [code(name)], () => tellNamed(name, schema))));
  at("types").hidden = false;
  find(calls);
  at("word").addEventListener("input", () => find(calls));
  addEventListener("hashchange", goTo);
  goTo();
} catch (problem) {
  at("told").textContent = `${say.reference_failed}: ${tellProblem(problem)}`;
}
document.body.dataset.ready = "true";
