// What a request can end in other than well, in words a person can act on.

import { text } from "/strings.js";

export class Problem extends Error {
  status;
  code;
  retryAfter;
  details;

  constructor(status, code, sentence, details = {}) {
    super(text.problems[code]?.(details) ?? sentence ?? text.problems.unknown());
    Object.assign(this, { status, code, retryAfter: details.retryAfter ?? null, details });
  }

  static offline() {
    return new Problem(0, "offline");
  }

  // `body` is the answer's text, `header` reads one of its headers.
  static answer(status, body, header) {
    let details = {};
    try {
      details = JSON.parse(body);
    } catch {
      // A proxy in between answers in its own words.
    }
    const wait = Number(details.retryAfter ?? header("Retry-After"));
    if (wait > 0) details.retryAfter = wait;
    else if (status === 429 || status === 503) details.retryAfter = 5;
    return new Problem(status, details.code ?? `status_${status}`, details.error, details);
  }

  // Nothing was done and nothing is wrong with what was asked: later it may work.
  get passes() {
    if (this.status === 507) return this.retryAfter !== null; // uploads under way are in the way
    return this.status === 0 || this.status === 429 || [502, 503, 504].includes(this.status);
  }

  // The service does not know this route.
  get isAbsent() {
    return this.status === 404 || this.status === 405;
  }
}
