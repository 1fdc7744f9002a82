// Enrolment of this browser: a pairing code from an operator, once; then its key is known to the node.

import { isUsable, loadKey, makeKey, saveKey } from "./keys.js";
import { call } from "./node.js";
import { at, say } from "./words.js";

/** Return the key enrolled in a role; where there is none, ask for a pairing code until there is. */
export async function pairedKey(role) {
  const section = at("pairing");
  if (!isUsable()) {
    section.hidden = false;
    at("pairing-form").hidden = true;
    section.append(Object.assign(document.createElement("p"), { className: "error", textContent: say.pair_insecure }));
    return new Promise(() => {});
  }
  // The code stands behind the #, so that it is in no log and no referrer; it is taken out of the address at once.
  const linked = new URLSearchParams(location.hash.slice(1)).get("pair");
  if (linked) {
    history.replaceState(null, "", location.pathname + location.search);
    const held = await redeem(role, linked).catch(() => null);
    if (held) return held;
    at("pairing-error").textContent = say.pair_failed;
  }
  return (await loadKey(role)) ?? askForCode(role, section);
}

function askForCode(role, section) {
  section.hidden = false;
  return new Promise((resolve) => {
    at("pairing-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const typed = at("pairing-code").value.trim().toLowerCase().split("pair=").at(-1);
      try {
        const held = await redeem(role, typed);
        section.hidden = true;
        resolve(held);
      } catch (problem) {
        at("pairing-error").textContent = problem.slug === "offline" ? say.offline : say.pair_failed;
        at("pairing-code").focus();
      }
    });
    at("pairing-code").focus();
  });
}

async function redeem(role, pairingCode) {
  const held = await makeKey();
  const body = JSON.stringify({ pairing_code: pairingCode, public: held.publicText });
  const paired = await call("POST", "/v1/pairings/redeemed", { body });
  held.clockOffset = (Date.parse(paired.now) - Date.now()) / 1000;
  await saveKey(role, held);
  return held;
}
