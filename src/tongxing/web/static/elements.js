// What pages make of what the API tells: elements, tables that a phone shows as cards, badges.

import { read, say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function element(name, { text = "", className = "", children = [], ...rest } = {}) {
  const made = Object.assign(document.createElement(name), { className, ...rest });
  made.append(...(text ? [text] : []), ...children);
  return made;
}

export function button(text, act, className = "quiet") {
  const made = element("button", { text, className, type: "button" });
  made.addEventListener("click", act);
  return made;
}

/** A table of which a phone shows each row as a card: the roles stay, since styles take them away otherwise. */
export function makeTable(label, heads, rows, className = "") {
  const table = element("table", { className: `cards ${className}` });
  table.setAttribute("role", "table");
  table.setAttribute("aria-label", label);
  const line = (cells, tag, role) => {
    const made = element("tr");
    made.setAttribute("role", "row");
    made.append(...cells.map((cell, index) => {
      const data = element(tag);
      data.setAttribute("role", role);
      if (tag === "td") data.dataset.label = heads[index];
      else data.scope = "col";
      data.append(...[cell].flat());
      return data;
    }));
    return made;
  };
  const group = (tag, lines) => {
    const made = element(tag, { children: lines });
    made.setAttribute("role", "rowgroup");
    return made;
  };
  table.append(group("thead", [line(heads, "th", "columnheader")]), group("tbody", rows.map((row) => line(row, "td", "cell"))));
  return table;
}

export function outcomeBadge(outcome, words) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 48 48");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${outcome}`);
  icon.append(use);
  const badge = element("span", { className: "badge", children: [icon, read(words)] });
  badge.dataset.outcome = outcome;
  return badge;
}

export const list = (texts, className = "") => element("ul", { className, children: texts.map((text) => element("li", { text })) });

/** What is known of a failed call, in words. */
export const tellProblem = (problem) =>
  problem.slug === "offline" ? say.offline : `${problem.title || problem.slug}${problem.detail ? `: ${problem.detail}` : ""}`;
