// Keys that lead around: Alt with ↑ and ↓ to the room above and below in the sidebar, with Shift to
// unread ones; F6 from part to part of the page, with Shift backwards. Shift+Escape marks all as read.

import { goTo } from "./navigation.js";
import { readAll } from "./read_all.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const OPEN = ":popover-open, dialog[open]";
// Each part of a page, and where in it the focus goes: the first that is there.
const SIDEBAR = { within: ".sidebar", at: ".sidebar [aria-current], .room-item-link" };
const MESSAGES = { within: ".timeline", at: ".messages > [tabindex='0'], .timeline-scroll" };
const COMPOSER = { within: ".composer", at: ".composer-body" };
const PAGE = { within: "#main", at: "#main" };
const PANEL = { within: ".panel", at: ".panel h2[tabindex]" };

let headed = null; // the row of the room that is on its way

export function listenToMovingKeys() {
  // Before fields and messages, where arrows alone mean something else.
  document.addEventListener("keydown", press, { capture: true });
}

function press(event) {
  const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (ctrlKey || metaKey || document.querySelector(OPEN)) return;
  if (altKey && STEPS[key]) goToNextRoom(STEPS[key], shiftKey);
  else if (!altKey && key === "F6") goToNextPart(shiftKey ? -1 : 1);
  else if (!altKey && shiftKey && key === "Escape") readAll();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Pressed twice, it goes on from the room that is not shown yet.
async function goToNextRoom(step, mustBeUnread) {
  const rows = [...document.querySelectorAll("room-list .room-item[data-room-id]")];
  const from = rows.includes(headed) ? headed : rows.find((row) => isCurrent(row));
  const row = nextOf(rows, rows.indexOf(from), step, (each) => !mustBeUnread || isUnread(each));
  if (!row || row === from) return;
  headed = row;
  await goTo(row.querySelector("a").href);
  if (headed === row) headed = null;
}

function goToNextPart(step) {
  const isRoom = document.querySelector(MESSAGES.within);
  const parts = [SIDEBAR, ...(isRoom ? [MESSAGES, COMPOSER] : [PAGE]), PANEL]
    .map(({ within, at }) => ({ within, target: firstVisible(at) }))
    .filter(({ target }) => target);
  const here = parts.findIndex(({ within }) => document.activeElement.closest(within));
  nextOf(parts, here, step, () => true)?.target.focus({ focusVisible: true });
}

// The next of a list that fits, around its ends; from nowhere, the first or the last.
function nextOf(list, from, step, fits) {
  const start = from < 0 && step < 0 ? 0 : from;
  for (let count = 1; count <= list.length; count += 1) {
    const each = list[(start + step * count + list.length * 2) % list.length];
    if (fits(each)) return each;
  }
  return undefined;
}

// In the order of the selectors.
function firstVisible(selectors) {
  const found = selectors
    .split(", ")
    .map((selector) =>
      [...document.querySelectorAll(selector)].find((each) => each.checkVisibility()),
    );
  return found.find(Boolean);
}

function isCurrent(row) {
  return row.querySelector("a").hasAttribute("aria-current");
}

function isUnread(row) {
  return row.classList.contains("room-item-unread");
}
