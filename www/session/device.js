// The device token of each account that signed in here. It gives no access: shown at a sign-in it tells
// that this browser is known, so that somebody who guesses elsewhere does not delay its owner. It stays
// when one signs out.

const key = (email) => `multires.device:${email.trim().toLowerCase()}`;

export function deviceToken(email) {
  try {
    return localStorage.getItem(key(email)) ?? undefined;
  } catch {
    return undefined; // localStorage is refused
  }
}

export function keepDevice(email, token) {
  try {
    if (token) localStorage.setItem(key(email), token);
  } catch {
    // This browser stays unknown.
  }
}

export function forgetDevice(email) {
  try {
    localStorage.removeItem(key(email));
  } catch {
    // There is none.
  }
}
