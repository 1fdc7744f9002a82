// The switchboard: a region's back end, its fault, and what it says of each person.

import { at, read, say } from "./words.js";

async function call(method, target, value = null) {
  let answer;
  try {
    answer = await fetch(target, {
      method,
      body: value === null ? null : JSON.stringify(value),
      headers: value === null ? {} : { "content-type": "application/json" },
      cache: "no-store",
    });
  } catch {
    throw new Error(say.away);
  }
  const told = await answer.json();
  if (!answer.ok) throw new Error(say.failed + told.error);
  return told;
}

/** Do something and tell what went wrong, if anything did. */
async function attempt(action) {
  try {
    await action();
    at("problem").textContent = "";
  } catch (problem) {
    at("problem").textContent = problem.message;
  }
}

const element = (tag, text = "", more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });

const tellStatus = (person) => [person.status || say.empty_status, ...person.told].join(" ");

async function openRegion(region) {
  const told = await call("GET", `/api/regions/${encodeURIComponent(region)}`);
  // Kept in the address, so that the page in the other language, or loaded again, opens the same region.
  history.replaceState(null, "", `#${region}`);
  for (const link of document.querySelectorAll("a[hreflang]")) link.hash = region;
  at("address").textContent = told.url;
  at("family").textContent = told.family;
  at("no-code").hidden = told.has_code;
  Object.assign(at("records"), { href: `${told.url}/_records`, textContent: `${told.url}/_records` });
  at("asked-box").hidden = told.asked.length === 0;
  at("asked").replaceChildren(...told.asked.flatMap(describeExchange), ...describeCredentials(told.credentials));
  at("fault").value = told.fault ?? "";
  at("seconds").value = told.fault === "slow" ? told.seconds : "";
  at("only-path").value = told.only_path;
  at("fault-done").textContent = "";
  at("shown").textContent = "";
  at("people").replaceChildren(...told.people.map((person) => describePerson(told, person)));
}

function describeExchange(exchange) {
  const headers = Object.entries(exchange.headers).map(([name, value]) => `${name}: ${value}`);
  const request = [`${exchange.method} ${exchange.path}`, ...headers, "", exchange.body].join("\n");
  return [element("pre", request), element("p", say.answer), element("pre", exchange.answer ?? "")];
}

const describeCredentials = (credentials) => Object.entries(credentials).map(
  ([name, value]) => element("p", `${say.credentials}: ${name} = ${value}`),
);

function describePerson(site, person) {
  const row = document.createElement("tr");
  const status = element("td", tellStatus(person));
  const choice = element("select", "", { ariaLabel: `${say.new_status} · ${person.name}` });
  choice.append(...Object.keys(site.statuses).map((name) => element("option", name, { value: name, selected: name === person.made_as })));
  choice.addEventListener("change", () => attempt(async () => {
    const wanted = { region: site.region, number: person.number, circumstance: choice.value };
    status.textContent = tellStatus(await call("POST", "/api/person", wanted));
  }));
  const show = element("button", say.show, { type: "button", className: "quiet", hidden: !site.has_code });
  show.addEventListener("click", () => attempt(async () => {
    const shown = await call("POST", "/api/show", { region: site.region, number: person.number });
    at("shown").textContent = `${person.name}: ${shown.qr_text}`;
  }));
  const cells = [element("td", person.name), element("td", person.number), status, document.createElement("td"), document.createElement("td")];
  cells[3].append(choice);
  cells[4].append(show);
  row.append(...cells);
  return row;
}

at("region").addEventListener("change", () => attempt(() => openRegion(at("region").value)));

at("fault-form").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    await call("POST", "/api/fault", {
      region: at("region").value,
      fault: at("fault").value || null,
      seconds: at("seconds").value === "" ? null : Number(at("seconds").value),
      only_path: at("only-path").value.trim(),
    });
    at("fault-done").textContent = say.done;
  });
});

attempt(async () => {
  const regions = await call("GET", "/api/regions");
  at("region").append(...regions.map((site) => element("option", `${site.region} ${read(site.name)}`, { value: site.region })));
  const wanted = decodeURIComponent(location.hash.slice(1));
  const first = regions.find((site) => site.region === wanted) ?? regions[0];
  at("region").value = first.region;
  await openRegion(first.region);
});
