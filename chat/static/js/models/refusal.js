// The server's mistake, as it said it.

const LONGEST_WAIT = 60; // seconds; who has to wait longer is told why, and decides
const PASSING = new Set(["unavailable", "rate_limited", "internal_error", "unauthenticated"]);

export class Refusal extends Error {
  constructor({ code, message, fields, retry_after: retryAfter }) {
    super(fields ? Object.values(fields).join(" ") : message);
    this.code = code;
    this.retryAfter = retryAfter; // seconds, or undefined
  }
}

// Whether to try again soon may help: no answer at all, or one that will be another. Who is signed out will sign in again.
export function isPassing(error) {
  return (
    !(error instanceof Refusal) || (PASSING.has(error.code) && !(error.retryAfter > LONGEST_WAIT))
  );
}
