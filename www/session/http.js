// Sends one request and reads a JSON response. Does not handle sessions.

import { Problem } from "/session/problem.js";

/**
 * @template {string} M
 * @template {string} P
 * @param {M} method
 * @param {P} path
 * @param {{ json?: object, token?: string, signal?: AbortSignal, keepalive?: boolean }} options
 * @returns {Promise<API.Answer<`${M} ${P}`>>}
 */
export async function exchange(method, path, { json, token, signal, keepalive } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer, body;
  try {
    answer = await fetch(path, {
      method,
      headers,
      signal,
      keepalive,
      cache: "no-store",
      body: json === undefined ? undefined : JSON.stringify(json),
    });
    body = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Problem.offline();
  }
  if (!answer.ok) throw Problem.answer(answer.status, body, (name) => answer.headers.get(name));
  try {
    return body === "" ? null : JSON.parse(body);
  } catch {
    throw new Problem(answer.status, "no_json"); // a captive portal, a proxy's page
  }
}
