// How long to wait before something is tried again: twice as long each time, and by chance, so that a thousand browsers
// that were cut off together do not come back together ("full jitter").

const FIRST = 1_000; // ms, the longest first pause
const MOST = 30_000; // ms

// ms after this many failures in a row; never before the server wants to be asked again (`retryAfter`, in seconds).
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
