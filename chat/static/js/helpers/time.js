// Times as the reader's clock and language say them, wherever one stands on a page: an element
// `time` says by `datetime` which moment it means. They are said anew when the day or the time zone
// changes.

import { Calendar, untilTomorrow } from "../models/calendar.js";

const LOOK_AGAIN = 60_000; // ms at most: a device may sleep, and travel

let calendar = new Calendar();

// The reader's zone, for forms that ask about days. Left out where a browser does not know it.
export function sayZone(within) {
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

// The day alone, where the element is a line between days.
export function showTime(element, moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return;
  element.dateTime = moment;
  element.title = calendar.wholeOf(date);
  if (element.matches(".day")) element.textContent = calendar.dayOf(date);
  else element.replaceChildren(...calendar.timeOf(date).map(partOf));
}

// Tells `day` on the document after it said the times anew.
export function keepTimesTrue() {
  document.addEventListener("visibilitychange", renew);
  addEventListener("focus", renew);
  renewLater();
}

function renewLater() {
  setTimeout(
    () => {
      renew();
      renewLater();
    },
    Math.min(LOOK_AGAIN, untilTomorrow()),
  );
}

function renew() {
  if (!calendar.isOver()) return;
  calendar = new Calendar();
  localizeTimes(document);
  document.dispatchEvent(new Event("day"));
}

// Where a line between days stands above, the day need not be seen again.
function partOf({ text, isDay }) {
  if (!isDay) return text;
  const part = document.createElement("span");
  part.className = "time-day";
  part.textContent = text;
  return part;
}
