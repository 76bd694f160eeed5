// A request in the name of who is signed in. A token that ended is renewed and the request sent
// again; what is only read waits as told by 429 and 503.

import { exchange } from "/session/http.js";
import { accessToken, account, forget, renew } from "/session/session.js";

const renewable = ["expired_token", "invalid_token", "revoked_token"];

/**
 * @template {string} M
 * @template {string} P
 * @param {M} method
 * @param {P} path
 * @param {{ json?: object, signal?: AbortSignal, keepalive?: boolean }} [options]
 * @returns {Promise<API.Answer<`${M} ${P}`>>}
 */
export async function api(method, path, options = {}) {
  for (let attempt = 1; ; attempt++) {
    const token = await accessToken();
    try {
      return await exchange(method, path, { ...options, token });
    } catch (error) {
      if (renewable.includes(error.code) && attempt === 1) await renew(token);
      else if (renewable.includes(error.code)) {
        forget("expired");
        throw error;
      } else if (method === "GET" && error.retryAfter && attempt <= 4) await pause(error.retryAfter);
      else throw error;
    }
  }
}

export const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// On the way out of the page there is no time to renew.
export async function lastWord(method, path) {
  await exchange(method, path, { token: account()?.accessToken, keepalive: true }).catch(() => {});
}

let limitsOnce;
export function limits() {
  limitsOnce ??= exchange("GET", "/api/limits").catch((error) => {
    limitsOnce = undefined;
    throw error;
  });
  return limitsOnce;
}
