// This browser's subscription to push messages, and the notifications that its service worker shows.

import { connection } from "../models/connection.js";
import { closeMessage, closeRead } from "../models/push_notices.js";
import { sendJson } from "./api.js";
import { goTo } from "./navigation.js";

export const PATH = "/me/push-subscriptions";
const STORED = "chat.push"; // {me, id, endpoint}: what the chat knows of this browser

// Resolves to the id of this browser's subscription that the chat knows, or to null.
export async function subscriptionId() {
  const subscription = await current();
  const stored = readStored();
  const isIt = stored?.me === myId() && stored.endpoint === subscription?.endpoint;
  return isIt ? stored.id : null;
}

// Ends it in this browser: whoever signs out here, the chat forgets by itself.
export async function forgetHere() {
  localStorage.removeItem(STORED);
  await (await current())?.unsubscribe().catch(() => {});
}

// Resolves to the registration whose notifications push messages share, or to null.
export async function pushRegistration() {
  return (await subscriptionId()) ? navigator.serviceWorker.getRegistration() : null;
}

// Closes what was read or deleted, leads where a notification was clicked, and tells the chat if the
// browser has another address meanwhile.
export function followPush(me) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => data?.goTo && goTo(data.goTo));
  connection.addEventListener("room:read", ({ detail }) => {
    if (detail.user_id === me) withRegistration(closeRead, detail.room_id, detail.seq);
  });
  connection.addEventListener("message:deleted", ({ detail }) =>
    withRegistration(closeMessage, detail.message.id),
  );
  connection.addEventListener("hello", ({ detail: { rooms } }) => {
    for (const { room, read_seq: seq } of rooms) withRegistration(closeRead, room.id, seq);
    renew().catch((error) => console.warn(error.message));
  });
  document.addEventListener("waiting", ({ detail }) => showBadge(detail.mentions));
}

function showBadge(count) {
  const shown = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  shown?.catch(() => {});
}

async function renew() {
  const stored = readStored();
  const subscription = await current();
  const isOther =
    subscription && stored?.me === myId() && stored.endpoint !== subscription.endpoint;
  if (isOther) await tell(subscription);
}

// Tells the chat of a subscription of this browser.
export async function tell(subscription) {
  const { id } = await sendJson("POST", PATH, subscription.toJSON());
  const stored = { me: myId(), id, endpoint: subscription.endpoint };
  localStorage.setItem(STORED, JSON.stringify(stored));
}

async function current() {
  const registration = await navigator.serviceWorker?.getRegistration();
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

async function withRegistration(action, ...args) {
  const registration = await navigator.serviceWorker.getRegistration();
  if (registration?.getNotifications) await action(registration, ...args);
}

function readStored() {
  return JSON.parse(localStorage.getItem(STORED) ?? "null");
}

function myId() {
  return document.querySelector("#main").dataset.me;
}
