// The checkpoint's page: scan, one large verdict, ready for the next at once.

import { Camera } from "./camera.js";
import { forgetKey } from "./keys.js";
import { Session, watchLink } from "./node.js";
import { pairedKey } from "./pairing.js";
import { play, wakeSound } from "./sound.js";
import { at, read, readOther, say, tellSeconds, tellTime } from "./words.js";

const ROLE = "device";
const KEPT = ["place-kind", "direction"];

let session;
let camera;
let link;
let scans = 0; // an answer counts only for the newest scan
let referred = null;

const placeKind = () => at("place-kind").value;

let papers = []; // what this person showed: {paper, at}
let foreign = []; // texts of codes from outside, scanned before the health code

const FOREIGN = /^(HC[0-9]:|shc:\/|NZCP:)/;
const FOREIGN_MAX = 8;

/** One proof as the API takes it. */
function proofOf({ paper, at: moment }) {
  const [kind, found] = paper.split(":");
  const proof = { kind, at: moment };
  if (kind === "test" || kind === "antigen") proof.positive = found === "positive";
  if (kind === "vaccination") Object.assign(proof, { complete: found !== "partial", boosted: found === "boosted" });
  return proof;
}

const groups = () => [...at("groups").querySelectorAll("input:checked")];

/** What the guard says of the person: left out where nothing was said, so that it is as if nobody had asked. */
function entered() {
  const isNone = ({ paper }) => paper.endsWith(":none");
  const said = {
    groups: groups().map((box) => box.value),
    shown: papers.filter((one) => !isNone(one)).map(proofOf),
    asked: papers.filter(isNone).map(({ paper }) => paper.split(":")[0]),
    foreign,
    document_name: foreign.length ? at("document-name").value.trim() : "",
  };
  return Object.fromEntries(Object.entries(said).filter(([, list]) => list.length));
}

const paperWords = (paper) => [...at("paper").options].find((option) => option.value === paper).textContent;

/** One line of what was noted, with a button that takes it out of `list`. */
function notedLine(list, index, name, more = "") {
  const line = document.createElement("li");
  const remove = document.createElement("button");
  Object.assign(remove, { type: "button", className: "quiet", textContent: say.paper_remove });
  remove.setAttribute("aria-label", `${say.paper_remove}: ${name}`);
  remove.addEventListener("click", () => {
    list.splice(index, 1);
    showPapers();
    at("paper").focus();
  });
  line.append(`${name}${more} `, remove);
  return line;
}

const foreignWords = (index) => `${say.foreign_code} ${index + 1}`;

function showPapers() {
  at("papers").replaceChildren(
    ...papers.map((one, index) => notedLine(papers, index, paperWords(one.paper), one.at ? ` (${tellTime(one.at)})` : "")),
    ...foreign.map((_, index) => notedLine(foreign, index, foreignWords(index))),
  );
  const noted = [...papers.map(({ paper }) => paperWords(paper)), ...foreign.map((_, index) => foreignWords(index))];
  const said = [...groups().map((box) => box.parentElement.textContent.trim()), ...noted];
  at("person-told").textContent = said.length ? `(${said.join(", ")})` : "";
}

function notePaper() {
  const paper = at("paper").value;
  const moment = at("paper-at").value;
  papers = papers.filter((one) => one.paper.split(":")[0] !== paper.split(":")[0]); // the newest counts of each kind
  papers.push({ paper, at: paper.endsWith(":none") ? null : new Date(`${moment}:00+08:00`).toISOString() });
  showPapers();
}

/** What the guard says besides: left out where nothing was said. */
function told() {
  const direction = at("direction").value || undefined;
  const degrees = at("temperature").valueAsNumber;
  const confirmed = at("temperature-confirmed").checked;
  return { direction, temperature: Number.isNaN(degrees) ? undefined : { decicelsius: Math.round(degrees * 10), confirmed }, ...entered() };
}

function show({ outcome, headline, other = "", sentence, nextStep = "", measures = [], notes = "", hint = "", age = "", ref = "", vehicle = null }) {
  at("verdict").dataset.outcome = outcome;
  at("headline").textContent = headline;
  at("headline-other").textContent = other;
  at("sentence").textContent = sentence;
  at("next-step").textContent = nextStep;
  at("measures").replaceChildren(...measures.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  at("measures").hidden = measures.length === 0;
  at("notes").textContent = notes;
  at("hint").textContent = hint;
  at("age").textContent = age;
  at("ref").textContent = ref;
  at("next").hidden = outcome === "READY";
  at("vehicle").hidden = vehicle === null;
  at("plate").textContent = vehicle?.plate ?? "";
  at("route").textContent = vehicle?.route.map(read).join(" → ") ?? "";
  at("pass-until").textContent = vehicle ? `${say.vehicle_until}: ${tellTime(vehicle.valid_until)}` : "";
}

function showReady() {
  scans += 1;
  closeEnding();
  clearReading();
  camera.forget();
  show({ outcome: "READY", headline: say.ready, sentence: say.ready_says });
}

function showVerdict(guard) {
  show({
    outcome: guard.outcome,
    headline: read(guard.headline),
    other: readOther(guard.headline),
    sentence: read(guard.sentence),
    nextStep: read(guard.next_step),
    measures: guard.measures.map(read),
    notes: guard.notes.map(read).join(" "),
    hint: guard.hint ? `${say.person}: ${guard.hint}` : "",
    age: `${say.data_age}: ${tellSeconds(guard.data_age_seconds)} ${say.ago}`,
    ref: `${say.reference}: ${guard.ref}`,
    vehicle: guard.vehicle,
  });
  if (at("sound").checked) play(guard.outcome);
  if (guard.outcome === "REFER") openEnding(guard.ref);
}

/** Nothing was decided: never a verdict, and never its sound. */
function showProblem(problem) {
  const offline = problem.slug === "offline";
  if (offline) link.show("offline");
  const refused = ["unauthenticated", "signature-invalid", "forbidden"].includes(problem.slug);
  show({
    outcome: "NONE",
    headline: say.no_verdict,
    sentence: offline ? say.no_verdict_offline : refused ? say.key_refused : `${problem.slug} ${problem.detail}`,
  });
}

async function check(ask, { focus }) {
  const scan = ++scans;
  closeEnding();
  show({ outcome: "CHECKING", headline: say.checking, sentence: "" });
  let guard = null;
  let problem = null;
  try {
    guard = await ask();
  } catch (failed) {
    problem = failed;
  }
  if (scan !== scans) return;
  clearReading(); // the next person is another
  if (problem === null) showVerdict(guard);
  else showProblem(problem);
  if (focus) at("headline").focus();
}

const post = (target, value) => session.call("POST", target, { body: JSON.stringify(value) });

/** A code from outside proves facts of whoever shows a health code or a document next; alone it decides nothing. */
function noteForeign(text) {
  if (!foreign.includes(text) && foreign.length < FOREIGN_MAX) foreign.push(text);
  scans += 1;
  closeEnding();
  at("person").open = true;
  showPapers();
  show({ outcome: "READY", headline: say.ready, sentence: say.foreign_noted });
}

const checkText = (text, how) => FOREIGN.test(text) ? noteForeign(text) :
  check(() => post("/v1/verifications", { qr_text: text, place_kind: placeKind(), ...told() }), how);

/** The bytes of a file in base64, as JSON carries them. */
const readBase64 = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(file);
});

function checkPicture(file) {
  const scan = { place_kind: placeKind(), ...told() };
  const ask = async () => post("/v1/verifications/picture", { picture: await readBase64(file), ...scan });
  return check(ask, { focus: true });
}

function checkDocument() {
  const scan = {
    document: { type: at("document-type").value, number: at("document-number").value },
    place_kind: placeKind(),
    presence: at("document-presence").checked,
    ...told(),
  };
  at("document-form").reset(); // a number stays on no screen
  return check(() => post("/v1/verifications/document", scan), { focus: true });
}

function clearReading() {
  at("temperature").value = "";
  at("temperature-confirmed").checked = false;
  groups().forEach((box) => { box.checked = false; });
  papers = [];
  foreign = [];
  at("document-name").value = "";
  showPapers();
}

function openEnding(ref) {
  referred = ref;
  at("ending-form").reset();
  at("ending-form").querySelector("button").disabled = false;
  at("ending-told").textContent = "";
  at("ending").hidden = false;
}

function closeEnding() {
  referred = null;
  at("ending").hidden = true;
}

async function recordEnding() {
  const ref = referred;
  const outcome = new FormData(at("ending-form")).get("ending");
  const button = at("ending-form").querySelector("button");
  button.disabled = true;
  let words;
  try {
    const ended = await post(`/v1/verdicts/${ref}/ending`, { seen: at("ending-seen").value, outcome });
    words = `${say.ending_saved}: ${read(ended.words)}`;
  } catch (problem) {
    words = problem.slug === "offline" ? say.offline : problem.slug;
    button.disabled = false;
  }
  if (ref === referred) at("ending-told").textContent = words;
}

async function toggleCamera() {
  const button = at("camera");
  if (camera.isOn) {
    camera.stop();
    at("camera-told").textContent = "";
  } else {
    try {
      await camera.start((text) => checkText(text, { focus: false }));
      at("camera-told").textContent = say.camera_on;
    } catch {
      camera.stop();
      at("camera-told").textContent = say.camera_denied;
    }
  }
  button.setAttribute("aria-pressed", String(camera.isOn));
  button.textContent = camera.isOn ? say.camera_stop : say.camera_start;
}

function keepSettings() {
  const tell = () => {
    at("settings-told").textContent = at("place-kind").selectedOptions[0].textContent;
  };
  for (const id of KEPT) {
    const kept = localStorage.getItem(id);
    if (kept !== null) at(id).value = kept;
    at(id).addEventListener("change", () => {
      localStorage.setItem(id, at(id).value);
      tell();
    });
  }
  tell();
}

function onSubmit(id, act) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

function wire() {
  addEventListener("pointerdown", wakeSound);
  addEventListener("keydown", wakeSound);
  at("camera").addEventListener("click", toggleCamera);
  at("next").addEventListener("click", () => {
    showReady();
    at("headline").focus();
  });
  at("picture").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) checkPicture(file);
    event.target.value = "";
  });
  onSubmit("text-form", () => {
    const text = at("text").value;
    at("text").value = ""; // a hand scanner types the next one into the same field
    checkText(text, { focus: false });
  });
  onSubmit("document-form", checkDocument);
  onSubmit("paper-form", notePaper);
  at("groups").addEventListener("change", showPapers);
  at("paper").addEventListener("change", () => {
    at("paper-when").hidden = at("paper").value.endsWith(":none");
    at("paper-at").required = !at("paper-when").hidden;
  });
  onSubmit("ending-form", recordEnding);
  at("unpair").addEventListener("click", async () => {
    await forgetKey(ROLE);
    location.reload();
  });
}

link = watchLink(at("link"), say);
const held = await pairedKey(ROLE);
session = new Session(held);
camera = new Camera(at("video"));
keepSettings();
wire();
at("desk").hidden = false;
document.body.dataset.ready = "true";
