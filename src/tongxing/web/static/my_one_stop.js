// Everything that is known of me, on the citizen's page: reports of all regions, what registers hold, every source.

import { element, list } from "./elements.js";
import { call } from "./node.js";
import { at, read, say, tellTime } from "./words.js";

const tellReport = (report) => [
  read(report.region_name), read(report.standing_words), `${say.as_of} ${tellTime(report.as_of)}`,
].join(" · ");

const tellFinding = (finding) => [
  read(finding.words), tellTime(finding.since) + (finding.until ? ` – ${tellTime(finding.until)}` : ""), finding.division,
].filter(Boolean).join(" · ");

function tellSource(source) {
  const whole = source.as_of ? `${say.everything_as_of} ${tellTime(source.as_of)}` : "";
  return [
    read(source.title), read(source.unavailable_words), whole || (source.unavailable ? "" : say.everything_unsaid),
    source.is_late ? say.everything_late : "", source.is_live && !source.unavailable ? say.everything_live : "",
  ].filter(Boolean).join(" · ");
}

const part = (title, texts) => [element("h3", { text: title }), list(texts.length ? texts : [say.none])];

async function showEverything() {
  at("everything-told").textContent = "";
  try {
    const told = await call("GET", "/v1/my/one-stop");
    at("everything").replaceChildren(
      element("p", { text: read(told.together.sentence), className: "said" }),
      ...part(say.everything_reports, told.reports.map(tellReport)),
      ...part(say.everything_findings, told.findings.map(tellFinding)),
      ...part(say.everything_sources, told.sources.map(tellSource)),
    );
  } catch (problem) {
    at("everything").replaceChildren();
    at("everything-told").textContent = {
      limited: say.everything_limited, offline: say.offline,
    }[problem.slug] ?? `${say.failed}: ${problem.detail || problem.slug}`;
  }
}

/** Nothing is asked until the person asks. */
export const wireEverything = () => at("everything-show").addEventListener("click", showEverything);
