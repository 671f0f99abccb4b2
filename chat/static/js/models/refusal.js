// The server's mistake, as it said it.

const PASSING = new Set(["unavailable", "rate_limited", "internal_error", "unauthenticated"]);

export class Refusal extends Error {
  constructor({ code, message, fields, retry_after: retryAfter }) {
    super(fields ? Object.values(fields).join(" ") : message);
    this.code = code;
    this.retryAfter = retryAfter; // seconds, or undefined
  }
}

// Whether to try again may help: no answer at all, or one that will be another. Who is signed out will sign in again.
export function isPassing(error) {
  return !(error instanceof Refusal) || PASSING.has(error.code);
}
