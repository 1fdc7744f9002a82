// This browser's own key: made by WebCrypto, not exportable, kept in IndexedDB, used to sign requests.
// The suite is ES256 as in docs/specs and `tongxing.crypto.suites`: a compressed point, raw r||s.

const PLACE = "keys";

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const utf8 = (text) => new TextEncoder().encode(text);

export const isUsable = () => globalThis.isSecureContext && Boolean(globalThis.crypto?.subtle);

function openPlace() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("tongxing", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(PLACE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function inPlace(mode, use) {
  const database = await openPlace();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(PLACE, mode);
      const asked = use(transaction.objectStore(PLACE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const loadKey = (role) => inPlace("readonly", (store) => store.get(role));
export const saveKey = (role, held) => inPlace("readwrite", (store) => store.put(held, role));
export const forgetKey = (role) => inPlace("readwrite", (store) => store.delete(role));

/** Make a key: what to enrol (`publicText`), its id, and the pair itself. */
export async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const compressed = new Uint8Array([2 + (point[64] & 1), ...point.slice(1, 33)]);
  const named = new Uint8Array([...utf8("ES256"), 0, ...compressed]);
  const keyId = hex((await crypto.subtle.digest("SHA-256", named)).slice(0, 8));
  return { privateKey: pair.privateKey, keyId, publicText: `ES256:${hex(compressed)}`, clockOffset: 0 };
}

/** The headers that prove a request (RFC 9421): the same profile as `tongxing.crypto.http_signatures`. */
export async function signRequest(held, method, target, body, contentType) {
  const url = new URL(target, location.origin);
  const covered = [
    ["@method", method],
    ["@authority", url.host],
    ["@path", url.pathname],
    ["@query", url.search || "?"],
  ];
  const headers = {};
  if (body) {
    headers["content-digest"] = `sha-256=:${base64(await crypto.subtle.digest("SHA-256", utf8(body)))}:`;
    covered.push(["content-type", contentType], ["content-digest", headers["content-digest"]]);
  }
  const created = Math.floor(Date.now() / 1000 + held.clockOffset);
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const names = covered.map(([name]) => `"${name}"`).join(" ");
  const parameters = `(${names});created=${created};keyid="${held.keyId}";alg="ecdsa-p256-sha256";nonce="${nonce}";tag="tongxing"`;
  const lines = [...covered.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${parameters}`];
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, held.privateKey, utf8(lines.join("\n")));
  headers["signature-input"] = `sig1=${parameters}`;
  headers.signature = `sig1=:${base64(signature)}:`;
  return headers;
}
