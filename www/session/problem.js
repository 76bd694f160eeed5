// A failed request, with a message for the user.

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

  // `body` is the response's text, `header(name)` returns a header's value or null.
  static answer(status, body, header) {
    let details = {};
    try {
      details = JSON.parse(body);
    } catch {
      // Not JSON: for example a proxy's error page.
    }
    const wait = Number(details.retryAfter ?? header("Retry-After"));
    if (wait > 0) details.retryAfter = wait;
    else if (status === 429 || status === 503) details.retryAfter = 5;
    return new Problem(status, details.code ?? `status_${status}`, details.error, details);
  }

  // Whether the failure is temporary, so that the same request may succeed later.
  get passes() {
    if (this.status === 507) return this.retryAfter !== null; // other uploads in progress need the space
    return this.status === 0 || this.status === 429 || [502, 503, 504].includes(this.status);
  }

  // The service does not have this route, or has no such object.
  get isAbsent() {
    return this.status === 404 || this.status === 405;
  }
}
