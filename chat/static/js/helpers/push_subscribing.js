// Subscribes this browser to push messages.

import { getJson, sendJson } from "./api.js";
import { isAppleTouch } from "./apple_touch.js";
import { PATH, forgetHere, subscriptionId, tell } from "./push.js";

const WORKER = "/service-worker.js";
const READY_WITHIN = 10_000; // ms for which a new service worker may take to begin

// Why this browser cannot be reached: "insecure", "home-screen" (an iPhone that has to install the
// chat first), "unsupported"; or null.
export function obstacle() {
  if (!isSecureContext) return "insecure";
  if (navigator.serviceWorker && globalThis.PushManager && globalThis.Notification) return null;
  return isAppleTouch() ? "home-screen" : "unsupported";
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

function ready() {
  const late = new Promise((_, reject) => setTimeout(reject, READY_WITHIN, new Error("")));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

function bytesOf(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function isSame(buffer, bytes) {
  const other = new Uint8Array(buffer ?? []);
  return other.length === bytes.length && other.every((byte, place) => byte === bytes[place]);
}
