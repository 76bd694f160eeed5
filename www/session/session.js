// Who is signed in, in this browser. The tokens lie in localStorage, where every tab sees them;
// the API takes them in a header, so there is no cookie that another site could ride on. A refresh
// token works once: of all tabs, one renews at a time and the others take what it got.

import { exchange } from "/session/http.js";
import { Problem } from "/session/problem.js";

const key = "multires.session";
// ms. What one tab's process stores is seen by another's a little later than its lock is free.
const storageDelay = 100;
const changes = new EventTarget();
let memory = null; // where localStorage is refused
let timer;

function read() {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return memory;
  }
}

function write(session) {
  memory = session;
  try {
    if (session) localStorage.setItem(key, JSON.stringify(session));
    else localStorage.removeItem(key);
  } catch {
    // Held in memory, until the page is left.
  }
  plan();
}

export const account = () => read();
export const onSession = (tell) => changes.addEventListener("change", (/** @type {CustomEvent} */ event) => tell(event.detail));
const tell = (state) => changes.dispatchEvent(new CustomEvent("change", { detail: state }));

export function begin({ userId, email, accessToken, refreshToken }) {
  write({ userId, email, ...tokens(accessToken, refreshToken) });
  tell("begun");
}

// After a changed password: the same person goes on.
export function replaceTokens({ accessToken, refreshToken }) {
  write({ ...read(), ...tokens(accessToken, refreshToken) });
}

// `state` is "left" (asked for) or "expired".
export function forget(state) {
  if (!read()) return;
  write(null);
  tell(state);
}

export async function signOut() {
  await alone(async () => {
    const session = read();
    forget("left");
    if (session) await exchange("POST", "/api/auth/logout", { json: { refreshToken: session.refreshToken }, keepalive: true }).catch(() => {});
  });
}

// By the token's own life, so that a wrong clock here does no harm.
function tokens(accessToken, refreshToken) {
  const part = accessToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const { iat, exp } = JSON.parse(atob(part));
  const life = (exp - iat) * 1000;
  // Renewed a minute before its end, or a fifth of a short life.
  return { accessToken, refreshToken, renewAt: Date.now() + life - Math.min(60_000, life / 5) };
}

export async function accessToken() {
  const session = read();
  if (!session) throw new Problem(401, "signed_out");
  return Date.now() < session.renewAt ? session.accessToken : renew(session.accessToken);
}

// A token that works in place of `stale`.
export function renew(stale) {
  return alone(async () => {
    await new Promise((done) => setTimeout(done, storageDelay));
    const session = read();
    if (!session) throw new Problem(401, "signed_out");
    if (session.accessToken !== stale) return session.accessToken; // another tab was faster
    try {
      const fresh = await exchange("POST", "/api/auth/refresh", { json: { refreshToken: session.refreshToken } });
      if (read()?.refreshToken !== session.refreshToken) throw new Problem(401, "signed_out");
      replaceTokens(fresh);
      return fresh.accessToken;
    } catch (error) {
      if (error.status === 401 && read()?.refreshToken === session.refreshToken) forget("expired");
      throw error;
    }
  });
}

// Web Locks need HTTPS or localhost. Without them the tabs of this browser may renew at once, which
// the service forgives for ten seconds; within the tab it is still one.
let turn = Promise.resolve();
function alone(work) {
  if (navigator.locks) return navigator.locks.request(key, work);
  turn = turn.catch(() => {}).then(work);
  return turn;
}

// In the background, so that a page left open stays signed in.
function plan() {
  clearTimeout(timer);
  const session = read();
  if (!session) return;
  // Not all tabs in the same moment.
  const wait = Math.max(1000, session.renewAt - Date.now()) + Math.random() * 500;
  timer = setTimeout(() => accessToken().catch(() => setTimeout(plan, 10_000)), wait);
}

window.addEventListener("storage", (event) => {
  if (event.key !== key && event.key !== null) return;
  plan();
  const [before, now] = [event.oldValue, event.newValue].map((value) => value && JSON.parse(value).userId);
  if (before && !now) tell("left");
  else if (now && now !== before) tell("begun");
});
plan();
