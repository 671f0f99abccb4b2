// An error that the server answered.

const LONGEST_WAIT = 60; // seconds; for a longer wait the person sees the reason, and decides
const PASSING = new Set(["unavailable", "rate_limited", "internal_error", "unauthenticated"]);

export class Refusal extends Error {
  constructor({ code, message, fields, retry_after: retryAfter, ban }) {
    super(fields ? Object.values(fields).join(" ") : message);
    this.code = code;
    this.retryAfter = retryAfter; // seconds, or undefined
    this.ban = ban; // from the room: {until}, null for no end; or undefined
  }
}

// Whether trying again soon may help: there was no answer, or the next one may differ. A person who
// is signed out may sign in again.
export function isPassing(error) {
  return (
    !(error instanceof Refusal) || (PASSING.has(error.code) && !(error.retryAfter > LONGEST_WAIT))
  );
}
