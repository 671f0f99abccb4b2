// Exponential backoff with full jitter, so that a thousand browsers that were disconnected together do
// not reconnect together.

const FIRST = 1_000; // ms: the longest first pause
const MOST = 30_000; // ms

// Returns the pause in ms after so many failures in a row; at least the server's `retryAfter`, in
// seconds.
export function delayAfter(failures, retryAfter = 0, random = Math.random) {
  return retryAfter * 1_000 + random() * Math.min(MOST, FIRST * 2 ** (failures - 1));
}

// Resolves after so many ms, or as soon as `signal` is aborted.
export function wait(delay, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(resolve, delay);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
