// Formats times and days in the reader's language, for one day and one time zone.

import { t } from "./translation.js";

const TIME = { hour: "numeric", minute: "2-digit" };
const SHORT = { timeStyle: "short" }; // with two digits of the hour where that is usual
// The clocks that a person may prefer, whatever is usual in their language.
const CLOCKS = {
  12: { hour: "numeric", minute: "2-digit", hourCycle: "h12" },
  24: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
};
const DAY = { day: "numeric", month: "short" };
const WHOLE = { dateStyle: "full", timeStyle: "short" };
const OF_THE_TIME = new Set(["hour", "minute", "dayPeriod"]);

export class Calendar {
  #today;
  #yesterday;
  #year;
  #zone = zoneNow();
  #formats = {};
  #locale;
  #hours;

  // `hours`: of the clock, "12" or "24", or else as is usual in the reader's language.
  constructor({ now = new Date(), locale = pageLocale(), hours } = {}) {
    this.#today = now.toDateString();
    this.#yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).toDateString();
    this.#year = now.getFullYear();
    this.#locale = locale;
    this.#hours = hours;
  }

  // Whether the day, the reader's time zone or their clock has changed: then all times need
  // formatting again.
  isOver(now = new Date(), hours = this.#hours) {
    return now.toDateString() !== this.#today || zoneNow() !== this.#zone || hours !== this.#hours;
  }

  // Returns `12:33 PM` for today, `Nov 28, 12:33 PM` for this year, else `Nov 28, 2026, 12:33 PM`, in
  // parts: {text, isDay}.
  timeOf(date) {
    const isToday = date.toDateString() === this.#today;
    const time = { text: this.#format(CLOCKS[this.#hours] ?? SHORT).format(date), isDay: false };
    if (isToday) return [time];
    const parts = this.#format({ ...DAY, ...this.#yearOf(date), ...TIME }).formatToParts(date);
    const first = parts.findIndex(({ type }) => OF_THE_TIME.has(type));
    const last = parts.findLastIndex(({ type }) => OF_THE_TIME.has(type));
    const said = [
      { text: joined(parts.slice(0, first)), isDay: true },
      time,
      { text: joined(parts.slice(last + 1)), isDay: true },
    ];
    return said.filter(({ text }) => text);
  }

  // `Today`, `Yesterday`, `Thursday, November 12`, `November 12, 2025`.
  dayOf(date) {
    const day = date.toDateString();
    if (day === this.#today) return t("Today");
    if (day === this.#yesterday) return t("Yesterday");
    const year = this.#yearOf(date);
    const rest = year.year ? year : { weekday: "long" };
    return this.#format({ day: "numeric", month: "long", ...rest }).format(date);
  }

  // The whole date and time.
  wholeOf(date) {
    const { hourCycle } = CLOCKS[this.#hours] ?? {};
    return this.#format({ ...WHOLE, hourCycle }).format(date);
  }

  #yearOf(date) {
    return date.getFullYear() === this.#year ? {} : { year: "numeric" };
  }

  // Each format is made once: that takes long.
  #format(options) {
    const name = JSON.stringify(options);
    return (this.#formats[name] ??= new Intl.DateTimeFormat(this.#locale, options));
  }
}

export function isSameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

// The time until the next day begins, in ms.
export function untilTomorrow(now = new Date()) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1) - now;
}

function joined(parts) {
  return parts.map(({ value }) => value).join("");
}

// As the server has chosen it; the browser's, where there is no page.
function pageLocale() {
  return globalThis.document?.documentElement.dataset.locale ?? globalThis.navigator?.language;
}

function zoneNow() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
