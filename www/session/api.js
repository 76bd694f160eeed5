// Sends a request with the signed-in user's token. If the token is no longer valid, it is renewed and the
// request is sent again. A GET waits for Retry-After and is sent again, up to four times.

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

// For requests while the page is being closed: there is no time to renew the token.
export async function sendOnPageHide(method, path) {
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
