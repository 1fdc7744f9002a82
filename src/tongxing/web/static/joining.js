// Joining, for operators of the hub: who takes part, how fresh their data are, what came last; going live, suspension, leaving.

import { button, element, makeTable, tellProblem } from "./elements.js";
import { callSigned, watchLink } from "./node.js";
import { pairedKey } from "./pairing.js";
import { at, language, read, say, tellSeconds, tellTime } from "./words.js";

const ROLE = "operator";
const EVERY_MS = 30_000;
const FILES = ["record.json", "profile.toml", "test-run.json"];
const count = new Intl.NumberFormat(language);

let held;
let joining = null;
let asked = null;

const hasLeft = (region, now) => region.keys.length > 0 && region.suspended &&
  region.keys.every((key) => key.valid_until !== null && Date.parse(key.valid_until) <= Date.parse(now));

function tellPart(region, now) {
  if (hasLeft(region, now)) return element("span", { text: say.join_left });
  return element("span", { text: region.suspended ? `⚠ ${say.suspended}` : say.takes_part });
}

function tellFreshness(state) {
  if (!state) return say.join_no_profile;
  const lag = state.lag_seconds === null ? "" : ` (${tellSeconds(state.lag_seconds)})`;
  return `${state.freshness === "fresh" ? "✓" : "⚠"} ${read(state.freshness_words)}${lag} / ${tellSeconds(state.fresh_for_seconds)}`;
}

function tellBatch(last) {
  if (!last) return say.none;
  const numbers = [["stored", say.join_stored], ["unchanged", say.join_unchanged], ["outranked", say.join_outranked], ["set_aside", say.join_aside]];
  return `${last.number}, ${tellTime(last.received_at)}: ${count.format(last.rows)} (${numbers.map(([key, word]) => `${word} ${count.format(last[key])}`).join(", ")})`;
}

function actions(region, now) {
  if (hasLeft(region, now)) return "";
  const name = `${region.region} ${read(region.name)}`;
  const one = (change, word, warning) => {
    const made = button(word, () => ask(region.region, change, `${word}: ${name}`, warning));
    made.setAttribute("aria-label", `${word}: ${name}`);
    return made;
  };
  const part = region.suspended ? one("resumption", say.join_resume, say.join_resume_says) : one("suspension", say.join_suspend, say.join_suspend_says);
  return [part, " ", one("departure", say.join_leave, say.join_leave_says)];
}

async function refresh() {
  try {
    const [directory, { datasets, now }] = await Promise.all(
      ["/v1/directory", "/v1/dataset-directory"].map((path) => callSigned(held, "GET", path)));
    const states = new Map(datasets.filter((row) => row.state.region !== null && row.state.dataset === "reports").map((row) => [row.state.region, row]));
    const regions = directory.regions.filter((region) => region.region !== "00");
    at("shown").replaceChildren(makeTable(say.join_title,
      [say.region, say.status, say.address, say.join_fresh, say.join_batch, say.join_change],
      regions.map((region) => [
        `${region.region} ${read(region.name)}`, tellPart(region, now), region.url,
        tellFreshness(states.get(region.region)?.state), tellBatch(states.get(region.region)?.last_batch), actions(region, now),
      ])));
    const sources = datasets.filter((row) => row.state.region === null);
    at("sources").replaceChildren(makeTable(say.join_sources, [say.fresh_dataset, say.fresh_owner, say.join_fresh, say.join_batch],
      sources.map((row) => [read(row.state.title), read(row.state.owner), tellFreshness(row.state), tellBatch(row.last_batch)])));
    at("told").textContent = `${say.read_at} ${tellTime(now)}`;
  } catch (problem) {
    at("told").textContent = tellProblem(problem);
  }
}

// --- suspension, its end, leaving: asked once more ---

function ask(region, change, title, says) {
  asked = { region, change, title };
  at("ask-title").textContent = title;
  at("ask-says").textContent = says;
  at("ask").showModal();
  at("ask-keep").focus();
}

async function change() {
  const { region, change: what, title } = asked;
  at("ask").close();
  try {
    await callSigned(held, "POST", `/v1/directory-records/${region}/${what}`);
    await refresh();
    at("told").textContent = `${say.join_done}: ${title}`;
  } catch (problem) {
    at("told").textContent = `${say.failed}: ${tellProblem(problem)}`;
  }
  at("join-title").focus();
}

// --- going live: the three files of the folder, and the fingerprint that the region's operator reads out ---

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = (bytes) => crypto.subtle.digest("SHA-256", bytes);

async function readFolder(files) {
  const named = new Map([...files].map((file) => [file.name, file]));
  const missing = FILES.filter((name) => !named.has(name));
  if (missing.length) throw new Error(`${say.live_missing}: ${missing.join(", ")}`);
  const bytes = await Promise.all(FILES.map((name) => named.get(name).arrayBuffer()));
  const [recordText, profile, testText] = bytes.map((each) => new TextDecoder().decode(each));
  const [record, test] = [recordText, testText].map((text) => JSON.parse(text));
  const parts = new Uint8Array(96);
  (await Promise.all(bytes.map(digest))).forEach((each, place) => parts.set(new Uint8Array(each), 32 * place));
  const region = /^region\s*=\s*"([0-9]+)"/m.exec(profile)?.[1];
  if (region !== record.region) throw new Error(say.live_other_region);
  if (!test.conforms || test.profile_sha256 !== hex(await digest(bytes[1]))) throw new Error(say.live_untested);
  return { record, profile, test, print: hex(await digest(parts)).slice(0, 32) };
}

async function choose() {
  joining = null;
  at("live-read").replaceChildren();
  at("live-told").textContent = "";
  try {
    joining = await readFolder(at("live-files").files);
    const { record, test } = joining;
    const pairs = [[say.region, `${record.region} ${record.name_zh} ${record.name_en}`], [say.address, record.url],
      [say.live_tested, `${test.back_end}, ${tellTime(test.at)}`]];
    at("live-read").replaceChildren(...pairs.flatMap(([name, text]) => [element("dt", { text: name }), element("dd", { text })]));
  } catch (wrong) {
    at("live-told").textContent = wrong instanceof SyntaxError ? say.live_unreadable : wrong.message;
  }
}

async function goLive(event) {
  event.preventDefault();
  if (joining === null) return;
  if (at("live-print").value.replace(/\s/g, "").toLowerCase() !== joining.print) {
    at("live-told").textContent = say.live_other_print;
    return;
  }
  try {
    await callSigned(held, "POST", "/v1/profiles", joining.profile, { type: "application/toml" });
    await callSigned(held, "POST", "/v1/directory-records", joining.record);
    at("live-told").textContent = `${say.live_done}: ${joining.record.region}`;
    await refresh();
  } catch (problem) {
    at("live-told").textContent = `${say.failed}: ${tellProblem(problem)}`;
  }
}

watchLink(at("link"), say);
held = await pairedKey(ROLE);
at("desk").hidden = false;
// Emptied first, so that the same files count again once they were mended.
at("live-files").addEventListener("click", () => { at("live-files").value = ""; });
at("live-files").addEventListener("change", choose);
at("live-form").addEventListener("submit", goLive);
at("ask-keep").addEventListener("click", () => at("ask").close());
at("ask-now").addEventListener("click", change);
await refresh();
setInterval(refresh, EVERY_MS);
document.body.dataset.ready = "true";
