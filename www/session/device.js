// The device token of each account that signed in with this browser. It gives no access. Sent at a sign-in,
// it marks this browser as known, so that wrong passwords sent from elsewhere do not delay the owner. It is
// kept after signing out.

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
    // localStorage is refused: this browser stays unknown to the service.
  }
}

export function forgetDevice(email) {
  try {
    localStorage.removeItem(key(email));
  } catch {
    // localStorage is refused: there is no token.
  }
}
