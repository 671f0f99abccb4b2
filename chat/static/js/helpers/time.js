// Shows all times of a page in the reader's time zone and language: of each element `time`, by its
// `datetime`. When the day or the time zone changes, it formats them again.

import { writeCookie } from "./cookies.js";
import { showText } from "./shown_text.js";
import { Calendar, untilTomorrow } from "../models/calendar.js";

const LOOK_AGAIN = 60_000; // ms: a device may have slept, or travelled

let calendar = new Calendar({ hours: preferredHours() });

// Tells the server the time zone, so that it formats times as this page does.
export function rememberTimeZone() {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const { content: cookie } = document.querySelector("meta[name=zone-cookie]");
  if (timeZone) writeCookie(cookie, timeZone);
}

// Fills in the reader's time zone in forms that need it, if the browser knows it.
export function fillTimeZone(within) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  for (const field of within.querySelectorAll("input[data-zone]")) {
    field.disabled = !timeZone;
    if (timeZone) field.value = timeZone;
  }
}

export function localizeTimes(within) {
  for (const element of within.querySelectorAll("time[datetime]"))
    showTime(element, element.dateTime);
}

// Shows the day alone in a separator between days.
export function showTime(element, moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return;
  element.dateTime = moment;
  element.title = calendar.wholeOf(date);
  if (element.matches(".day")) return showText(element, calendar.dayOf(date));
  const parts = calendar.timeOf(date);
  const text = parts.map((part) => part.text).join("");
  if (element.textContent !== text) element.replaceChildren(...parts.map(partOf));
}

export function timeText(moment) {
  const parts = calendar.timeOf(new Date(moment));
  return parts.map(({ text }) => text).join("");
}

// Dispatches `day` on the document after it has formatted the times again.
export function keepTimesCurrent() {
  document.addEventListener("visibilitychange", renewTimes);
  addEventListener("focus", renewTimes);
  renewLater();
}

function renewLater() {
  setTimeout(
    () => {
      renewTimes();
      renewLater();
    },
    Math.min(LOOK_AGAIN, untilTomorrow()),
  );
}

// Formats all times again if the day, the time zone or the preferred clock has changed.
export function renewTimes() {
  const hours = preferredHours();
  if (!calendar.isOver(new Date(), hours)) return;
  calendar = new Calendar({ hours });
  rememberTimeZone();
  localizeTimes(document);
  document.dispatchEvent(new Event("day"));
}

function preferredHours() {
  return document.documentElement.dataset.timeFormat;
}

// Below a separator between days, the stylesheet hides the day.
function partOf({ text, isDay }) {
  if (!isDay) return text;
  const part = document.createElement("span");
  part.className = "time-day";
  part.textContent = text;
  return part;
}
