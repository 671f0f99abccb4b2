// Locks, so that one tab at a time does something.

import { wait } from "./backoff.js";

const LEASE = 10_000; // ms after which the lease of a dead tab ends
const RENEW_EVERY = 3_000; // ms
const LOOK_EVERY = 500; // ms

// Returns withLock(name, action) -> the result of the action. `leases` replaces locks in browsers
// without: on plain http from another host. A throttled tab may lose its lease; then two tabs send the
// same message, which the server stores once.
export function locksOf(leases) {
  if (globalThis.navigator?.locks) return (name, action) => navigator.locks.request(name, action);
  return (name, action) => withLease(leases, name, action);
}

export async function withLease(leases, name, action) {
  const holder = crypto.getRandomValues(new Uint32Array(4)).join("-");
  while (!(await leases.lease(name, holder, LEASE))) await wait(LOOK_EVERY);
  const renewal = setInterval(() => leases.lease(name, holder, LEASE), RENEW_EVERY);
  try {
    return await action();
  } finally {
    clearInterval(renewal);
    await leases.release(name, holder);
  }
}
