// This browser's subscription to push messages, and the notifications that its service worker shows.

import { connection } from "../models/connection.js";
import { closeMessage, closeRead } from "../models/push_notices.js";
import { getJson, sendJson } from "./api.js";
import { goTo } from "./navigation.js";

const WORKER = "/service-worker.js";
const PATH = "/me/push-subscriptions";
const STORED = "chat.push"; // {me, id, endpoint}: what the chat knows of this browser
const READY_WITHIN = 10_000; // ms for which a new service worker may take to begin

// Why this browser cannot be reached: "insecure", "home-screen" (an iPhone that has to install the
// chat first), "unsupported"; or null.
export function obstacle() {
  if (!isSecureContext) return "insecure";
  if (navigator.serviceWorker && globalThis.PushManager && globalThis.Notification) return null;
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || isTouchMac();
  return isApple ? "home-screen" : "unsupported";
}

// Resolves to the id of this browser's subscription that the chat knows, or to null.
export async function subscriptionId() {
  const subscription = await current();
  const stored = readStored();
  const isIt = stored?.me === myId() && stored.endpoint === subscription?.endpoint;
  return isIt ? stored.id : null;
}

// Subscribes this browser. Rejects with what the browser or the chat says. The permission is granted.
export async function subscribe() {
  await navigator.serviceWorker.register(WORKER);
  const registration = await ready();
  const { key } = await getJson("/push/key");
  const applicationServerKey = bytesOf(key);
  const before = await registration.pushManager.getSubscription();
  if (before && !isSame(before.options.applicationServerKey, applicationServerKey))
    await before.unsubscribe(); // of an earlier chat at this address
  const options = { userVisibleOnly: true, applicationServerKey };
  await tell(await registration.pushManager.subscribe(options));
}

// Ends this browser's subscription, here and in the chat.
export async function unsubscribe() {
  const id = await subscriptionId();
  await forgetHere();
  if (id) await sendJson("DELETE", `${PATH}/${id}`).catch(() => {}); // it may be gone already
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

async function tell(subscription) {
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

function ready() {
  const late = new Promise((_, reject) => setTimeout(reject, READY_WITHIN, new Error("")));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

function readStored() {
  return JSON.parse(localStorage.getItem(STORED) ?? "null");
}

function bytesOf(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function isSame(buffer, bytes) {
  const other = new Uint8Array(buffer ?? []);
  return other.length === bytes.length && other.every((byte, place) => byte === bytes[place]);
}

function isTouchMac() {
  return navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1; // how iPads call themselves
}

function myId() {
  return document.querySelector("#main").dataset.me;
}
