// A row of the list of rooms: what stands before its name, and how it shows what waits in the room.
// rooms/_item.html does the same.

import { people } from "../models/people.js";
import { hasDraft } from "./drafts.js";
import { showAvatar } from "./message_view.js";
import { showStatus } from "./status_view.js";
import { callsIn, hasBegun, waitingIn } from "../models/sidebar_order.js";
import { plural, t } from "../models/translation.js";

const MOST = 1000; // the server counts no further
const MOST_FACES = 2;

// Fills a copy of the template, which has a mark of each kind, for a room.
export function fillRoomItem(element, room) {
  const [face, sign] = element.querySelectorAll(".room-item-mark");
  const link = element.querySelector("a");
  element.dataset.roomId = room.id;
  element.className = `room-item room-item-${room.kind}`;
  link.href = `/rooms/${room.id}`;
  element.querySelector(".room-item-name").textContent = room.name;
  if (room.kind !== "direct") element.querySelector(".room-item-hide").remove();
  if (room.user_ids.join() !== document.querySelector("#main").dataset.me)
    element.querySelector(".room-item-me").remove();
  if (room.user_ids.length === 1) {
    sign.remove();
    showFace(face, element.querySelector(".person-status"), room.user_ids[0]);
    return;
  }
  face.remove();
  element.querySelector(".person-status").remove();
  if (room.kind === "direct") showFaces(sign, room.user_ids);
  if (room.kind === "private") showLock(sign.querySelector("use"));
}

// The row is dark with a dot where something is unread. The number is what calls its reader: mentions
// or, in a direct room, everything. The level of notifications decides what counts.
export function showWaiting(element) {
  const row = standingOf(element);
  const { isDirect } = row;
  const waiting = waitingIn(row);
  const called = callsIn(row);
  showCount(element.querySelector(".badge"), called);
  element.querySelector(".badge-word").textContent =
    ` ${isDirect ? t("unread") : mentionsOf(called)}`;
  element.classList.toggle("room-item-unread", waiting > 0);
  element.querySelector(".room-item-dot").hidden = waiting === 0 || called > 0;
}

// A pencil says that on this device something is written for the room and not sent.
export function showDraft(element) {
  const { me } = document.querySelector("#main").dataset;
  element.querySelector(".room-item-draft").hidden = !hasDraft(me, element.dataset.roomId);
}

// Whether a room that is not open has a row: not a direct room that somebody opened and left without a
// word.
export function hasRow(room) {
  return hasBegun(room) || hasDraft(document.querySelector("#main").dataset.me, room.id);
}

// The room of a row, as far as hasRow asks.
export function aboutRow({ classList, dataset: { roomId: id, favourite, seq } }) {
  const kind = classList.contains("room-item-direct") ? "direct" : "";
  return { id, kind, favourite: favourite === "true", seq };
}

// What models/sidebar_order.js wants to know of a row.
export function standingOf({ classList, dataset: { unread, mentions, notifications } }) {
  return { unread, mentions, notifications, isDirect: classList.contains("room-item-direct") };
}

function mentionsOf(count) {
  return plural("mention", "mentions", count);
}

export function showCount(badge, count) {
  badge.hidden = count === 0;
  badge.querySelector(".badge-count").textContent = count >= MOST ? "999+" : count;
}

async function showFace(mark, status, id) {
  mark.querySelector("presence-dot").dataset.userId = id;
  const person = await people.find(id);
  showAvatar(mark.querySelector(".avatar"), person);
  showStatus(status, person);
}

async function showFaces(sign, ids) {
  sign.classList.add("room-item-several");
  const shown = await Promise.all(ids.slice(0, MOST_FACES).map((id) => people.find(id)));
  const faces = shown.map((person) => showAvatar(document.createElement("span"), person));
  for (const face of faces) {
    face.classList.add("avatar");
    face.ariaHidden = "true";
  }
  sign.replaceChildren(...faces);
}

function showLock(use) {
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#lock"));
}
