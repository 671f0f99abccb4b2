// Somebody who is muted in a room reads there, and does not write until the mute ends.

import { showTime } from "./time.js";

const LONGEST_TIMER = 2 ** 31 - 1; // ms; browsers call a longer one at once
let timer = 0;

// Calls `end` when a mute ends. There is one room on the page, so one mute counts.
export function atEndOf(mute, end) {
  clearTimeout(timer);
  if (!mute?.until) return;
  const left = new Date(mute.until) - Date.now();
  if (left < LONGEST_TIMER) timer = setTimeout(end, left + 1000);
}

// Shows in place of the composer why one cannot write, or nothing.
export function showMute(mute) {
  const notice = document.querySelector(".composer-muted");
  notice.hidden = !mute;
  const until = notice.querySelector(".composer-muted-until");
  until.hidden = !mute?.until;
  if (mute?.until) showTime(until.querySelector("time"), mute.until);
}
