// Shows kept pages where the chat cannot be reached, and push messages; takes what other apps share.
// Everything else comes from the network, as if this file did not exist. It knows no version of the chat,
// so old and new pages may use it.

import { OfflinePages } from "./models/offline_pages.js";
import { follow, showPushed } from "./models/push_notices.js";
import { SHARES, Shares } from "./models/shares.js";

const copies = new OfflinePages();
const shares = new Shares();
const SHARE = "/share"; // as the manifest says
const FILES = "/static/";
const AWAY = new Set([502, 503, 504]); // the chat's database, or the chat behind its proxy, is away

addEventListener("install", (event) => {
  skipWaiting();
  // Where browsers can, requests for all else do not even wake this worker.
  const others = {
    not: { or: [{ requestMode: "navigate" }, { urlPattern: { pathname: `${FILES}*` } }] },
  };
  const routes = event.addRoutes?.({ condition: others, source: "network" });
  if (routes) event.waitUntil(routes.catch(() => {})); // an older browser, with fewer conditions
});

addEventListener("activate", (event) => event.waitUntil(begin()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && request.mode === "navigate" && pathname === SHARE)
    event.respondWith(keepShare(request));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(navigate(event, pathname));
  else if (pathname.startsWith(FILES)) event.respondWith(fetchFile(request));
});

addEventListener("push", (event) => {
  const others = { name: location.hostname, badge: showBadge };
  event.waitUntil(showPushed(registration, event.data?.text() ?? "", others));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openNotified(event.notification));
});

// The next page tells the chat: only pages can send it changes.
addEventListener("pushsubscriptionchange", (event) => {
  const options = event.oldSubscription?.options;
  if (options && !event.newSubscription)
    event.waitUntil(registration.pushManager.subscribe(options));
});

async function openNotified(notification) {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return follow(notification, windows, (url) => clients.openWindow(url));
}

function showBadge(count) {
  navigator.setAppBadge?.(count).catch(() => {});
}

// The request of a page begins while this worker wakes.
async function begin() {
  await registration.navigationPreload?.enable();
  await copies.forgetEarlierForms([SHARES]);
  await clients.claim();
}

// It stays on this device, whoever sent it, until somebody chooses a room on the page that comes now.
async function keepShare(request) {
  try {
    const id = await shares.keep(await request.formData(), await copies.ownerId());
    return Response.redirect(`${SHARE}?shared=${id}`, 303);
  } catch (error) {
    console.warn(error.message);
    return Response.redirect(`${SHARE}?left_out=device`, 303);
  }
}

async function navigate(event, pathname) {
  event.waitUntil(shares.forgetOld().catch(() => {}));
  try {
    const response = (await event.preloadResponse) ?? (await fetch(event.request));
    return (AWAY.has(response.status) && (await copies.show(pathname))) || response;
  } catch (error) {
    const kept = (await copies.show(pathname)) ?? (await copies.showAbsent(pathname));
    if (!kept) throw error;
    return kept;
  }
}

async function fetchFile(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await copies.findFile(request);
    if (!kept) throw error;
    return kept;
  }
}
