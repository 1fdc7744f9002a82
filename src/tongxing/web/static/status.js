// How fresh each region's and each source's data are, for everybody; asked anew each minute.

import { element, makeTable, tellProblem } from "./elements.js";
import { call, watchLink } from "./node.js";
import { at, read, say, tellSeconds, tellTime } from "./words.js";

const EVERY_MS = 60_000;

function tellState(state) {
  const late = state.freshness !== "fresh";
  return element("span", { text: `${late ? "⚠ " : "✓ "}${read(state.freshness_words)}` });
}

async function refresh() {
  try {
    const told = await call("GET", "/v1/federation-status");
    const titles = [say.fresh_owner, say.fresh_dataset, say.fresh_state, say.fresh_as_of, say.fresh_promise];
    at("shown").replaceChildren(makeTable(say.fresh_title, titles, told.datasets.map((state) => [
      read(state.owner), read(state.title), tellState(state),
      state.as_of === null ? "–" : `${tellTime(state.as_of)} (${tellSeconds(state.lag_seconds)} ${say.ago})`,
      tellSeconds(state.fresh_for_seconds),
    ])));
    const kept = told.datasets.filter((state) => state.freshness === "fresh").length;
    at("told").textContent = `${say.fresh_kept}: ${kept} / ${told.datasets.length} · ${tellTime(told.now)}`;
  } catch (problem) {
    at("told").textContent = tellProblem(problem);
  }
}

watchLink(at("link"), say);
await refresh();
setInterval(refresh, EVERY_MS);
document.body.dataset.ready = "true";
