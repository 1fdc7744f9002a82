// Calls to the node that served this page: signed by the browser's key, or by a device's session.

import { signRequest } from "./keys.js";
import { language } from "./words.js";

/** What a node answered instead (RFC 9457); `slug` is `offline` where nobody answered. */
export class Problem extends Error {
  constructor(status, slug, detail, title = "") {
    super(`${status} ${slug}`);
    this.status = status;
    this.slug = slug;
    this.detail = detail;
    this.title = title;
  }
}

const DEADLINE_MS = 8000;

export async function call(method, target, { body = null, type = "application/json", headers = {}, deadlineMs = DEADLINE_MS } = {}) {
  let answer;
  try {
    answer = await fetch(target, {
      method,
      body,
      headers: body === null ? headers : { "content-type": type, ...headers },
      cache: "no-store",
      credentials: "same-origin",
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch {
    throw new Problem(0, "offline", "");
  }
  const value = answer.status === 204 ? null : await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const title = (language === "zh" ? value.title_zh : value.title) ?? "";
    throw new Problem(answer.status, String(value.type ?? "").split(":").at(-1), value.detail ?? "", title);
  }
  return value;
}

export async function callSigned(held, method, target, value = null, { type = "application/json", deadlineMs } = {}) {
  const body = value === null || type !== "application/json" ? value : JSON.stringify(value);
  const headers = await signRequest(held, method, target, body, type);
  return call(method, target, { body, type, headers, deadlineMs });
}

/** A device's session, renewed before it ends and when the node has forgotten it. */
export class Session {
  #held;
  #token = null;
  #endsAt = 0;

  constructor(held) {
    this.#held = held;
  }

  async open() {
    const opened = await callSigned(this.#held, "POST", "/v1/sessions");
    this.#held.clockOffset = Date.parse(opened.expires_at) / 1000 - opened.expires_in_seconds - Date.now() / 1000;
    this.#token = opened.token;
    this.#endsAt = performance.now() + (opened.expires_in_seconds - 30) * 1000;
  }

  async call(method, target, options = {}) {
    if (this.#token === null || performance.now() > this.#endsAt) await this.open();
    try {
      return await this.#callOnce(method, target, options);
    } catch (problem) {
      if (problem.slug !== "session-ended") throw problem;
      await this.open();
      return this.#callOnce(method, target, options);
    }
  }

  #callOnce(method, target, options) {
    return call(method, target, { ...options, headers: { authorization: `Bearer ${this.#token}` } });
  }
}

/** Ask every so often whether the node can do its work, and show it in the page's head. */
export function watchLink(element, words, everyMs = 5000) {
  const show = (state) => {
    if (element.dataset.state === state) return;
    element.dataset.state = state;
    element.textContent = words[state];
  };
  const look = async () => {
    try {
      await call("GET", "/readyz");
      show("online");
    } catch (problem) {
      show(problem.status === 0 ? "offline" : "not_ready");
    }
  };
  addEventListener("offline", () => show("offline"));
  addEventListener("online", look);
  setInterval(look, everyMs);
  look();
  return { look, show };
}
