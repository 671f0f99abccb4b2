// One tab at a time.

import { wait } from "./backoff.js";

const LEASE = 10_000; // ms that a lease lasts when its tab died
const RENEW_EVERY = 3_000; // ms
const LOOK_EVERY = 500; // ms

// withLock(name, action) -> what the action gives. `leases` stands in where browsers have no locks: on plain http from
// another host. A throttled tab may lose its lease; then two send the same, which the server keeps once.
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
