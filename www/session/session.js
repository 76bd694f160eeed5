// The session of this browser. The tokens are stored in localStorage, which all tabs share. The API takes
// them in a header, so there is no cookie that another site could use (CSRF). A refresh token works once:
// only one tab renews it at a time, and the other tabs use the result.

import { exchange } from "/session/http.js";
import { Problem } from "/session/problem.js";

const key = "multires.session";
// ms. What one tab stores becomes visible in another tab a little later than the lock is released.
const storageDelay = 100;
const changes = new EventTarget();
let memory = null; // used if localStorage is refused
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
    // The session stays in memory until the page is closed.
  }
  scheduleRenewal();
}

export const account = () => read();
export const onSession = (listener) =>
  changes.addEventListener("change", (/** @type {CustomEvent} */ event) => listener(event.detail));
const notify = (state) => changes.dispatchEvent(new CustomEvent("change", { detail: state }));

export function begin({ userId, email, accessToken, refreshToken }) {
  write({ userId, email, ...tokens(accessToken, refreshToken) });
  notify("begun");
}

// After a renewal or a password change: the same user stays signed in.
export function replaceTokens({ accessToken, refreshToken }) {
  write({ ...read(), ...tokens(accessToken, refreshToken) });
}

// `state` is "left" (the user signed out) or "expired".
export function forget(state) {
  if (!read()) return;
  write(null);
  notify(state);
}

export async function endSession() {
  await oneAtATime(async () => {
    const session = read();
    forget("left");
    if (session)
      await exchange("POST", "/api/auth/logout", {
        json: { refreshToken: session.refreshToken },
        keepalive: true,
      }).catch(() => {});
  });
}

// Uses the token's lifetime and not its expiry time, so that a wrong clock of this device does not matter.
function tokens(accessToken, refreshToken) {
  const part = accessToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const { iat, exp } = JSON.parse(atob(part));
  const lifetime = (exp - iat) * 1000;
  // Renewed a minute before it expires; with a short lifetime, a fifth of the lifetime before.
  return { accessToken, refreshToken, renewAt: Date.now() + lifetime - Math.min(60_000, lifetime / 5) };
}

export async function accessToken() {
  const session = read();
  if (!session) throw new Problem(401, "signed_out");
  return Date.now() < session.renewAt ? session.accessToken : renew(session.accessToken);
}

// Returns a valid access token to replace `stale`.
export function renew(stale) {
  return oneAtATime(async () => {
    await new Promise((done) => setTimeout(done, storageDelay));
    const session = read();
    if (!session) throw new Problem(401, "signed_out");
    if (session.accessToken !== stale) return session.accessToken; // another tab has renewed it
    try {
      const fresh = await exchange("POST", "/api/auth/refresh", {
        json: { refreshToken: session.refreshToken },
      });
      if (read()?.refreshToken !== session.refreshToken) throw new Problem(401, "signed_out");
      replaceTokens(fresh);
      return fresh.accessToken;
    } catch (error) {
      if (error.status === 401 && read()?.refreshToken === session.refreshToken) forget("expired");
      throw error;
    }
  });
}

// Web Locks need HTTPS or localhost. Without them, several tabs may renew at the same time: for ten seconds
// the service still accepts the previous refresh token. Within one tab, it is still one at a time.
let last = Promise.resolve();
function oneAtATime(work) {
  if (navigator.locks) return navigator.locks.request(key, work);
  last = last.catch(() => {}).then(work);
  return last;
}

// Renews in the background, so that an open page stays signed in.
function scheduleRenewal() {
  clearTimeout(timer);
  const session = read();
  if (!session) return;
  // The random part keeps the tabs from renewing at the same moment.
  const wait = Math.max(1000, session.renewAt - Date.now()) + Math.random() * 500;
  timer = setTimeout(() => accessToken().catch(() => setTimeout(scheduleRenewal, 10_000)), wait);
}

window.addEventListener("storage", (event) => {
  if (event.key !== key && event.key !== null) return;
  scheduleRenewal();
  const [before, now] = [event.oldValue, event.newValue].map((value) => value && JSON.parse(value).userId);
  if (before && !now) notify("left");
  else if (now && now !== before) notify("begun");
});
scheduleRenewal();
