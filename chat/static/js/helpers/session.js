// The page's session. Its tokens are in cookies that scripts cannot read; when the access token has
// expired, the page requests a new pair. One lock for all tabs, because a refresh token works once.

import { readCookie } from "./cookies.js";
import { keepDraftsInTab } from "./drafts.js";

const FRESH_FOR = 60_000; // ms for which another tab's refresh counts for this one
const RENEW_EVERY = 12 * 60_000; // ms; an access token lives 15 minutes
const REFRESHED_AT = "chat.refreshed_at";

// Resolves to whether the session continues; false means that the person has to sign in again.
export async function refreshSession() {
  return withLock("chat-refresh", async () => {
    if (Date.now() - Number(localStorage.getItem(REFRESHED_AT) ?? 0) < FRESH_FOR) return true;
    const response = await fetch("/session/refresh", { method: "POST" }).catch(() => null);
    if (!response) return true; // the chat cannot be reached; the session may continue
    if (response.ok) localStorage.setItem(REFRESHED_AT, String(Date.now()));
    else if (response.status < 500 && response.status !== 429) return false;
    return true;
  });
}

// The browser requests pictures with the page's cookies: renew them before they expire.
export function keepSessionFresh() {
  setInterval(refreshSession, RENEW_EVERY);
}

// Requests that change something must prove that they come from our own pages.
export function csrfToken() {
  const name = document.querySelector("meta[name=csrf-cookie]")?.content ?? "chat_csrf";
  return readCookie(name);
}

export function forgetRefresh() {
  localStorage.removeItem(REFRESHED_AT);
}

// The page there says that the session has ended, and whether drafts are kept.
export function goToSignIn() {
  const ended = keepDraftsInTab() ? "draft" : "session";
  location.assign(`/login?${new URLSearchParams({ next: location.pathname, ended })}`);
}

function withLock(name, action) {
  return navigator.locks ? navigator.locks.request(name, action) : action(); // plain http on another host has no locks
}
