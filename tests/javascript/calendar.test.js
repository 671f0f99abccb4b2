// Times in words: today, another day, another year, another time zone.

import assert from "node:assert/strict";
import test from "node:test";

import { Calendar, isSameDay, untilTomorrow } from "../../chat/static/js/models/calendar.js";

process.env.TZ = "UTC";

function said(moment, now, locale = "en-US") {
  const calendar = new Calendar({ now: new Date(now), locale });
  const parts = calendar.timeOf(new Date(moment));
  return parts
    .map(({ text }) => text)
    .join("")
    .replaceAll("\u202f", " ");
}

function dayOf(moment, now) {
  return new Calendar({ now: new Date(now), locale: "en-US" }).dayOf(new Date(moment));
}

test("a time of today is a time, one of another day has the day, one of another year the year", () => {
  const moment = "2026-11-28T12:33:00Z";
  assert.equal(said(moment, "2026-11-28T23:59:59Z"), "12:33 PM");
  assert.equal(said(moment, "2026-11-29T00:00:00Z"), "Nov 28, 12:33 PM");
  assert.equal(said(moment, "2026-01-01T00:00:00Z"), "Nov 28, 12:33 PM");
  assert.equal(said(moment, "2027-01-01T00:00:00Z"), "Nov 28, 2026, 12:33 PM");
  assert.equal(said(moment, "2028-02-10T09:00:00Z"), "Nov 28, 2026, 12:33 PM");
});

test("the part that a line between days says is told apart, wherever a language puts it", () => {
  for (const locale of ["en-US", "de", "ja", "ko", "hu", "fa", "ar-EG", "vi"]) {
    const calendar = new Calendar({ now: new Date("2026-11-29T00:00:00Z"), locale });
    const parts = calendar.timeOf(new Date("2026-11-28T12:33:00Z"));
    const time = parts.filter(({ isDay }) => !isDay);
    assert.equal(time.length, 1, locale);
    assert.match(time[0].text, /\p{Nd}{1,2}\D\p{Nd}{2}/u, locale);
    assert.ok(
      parts.some(({ isDay, text }) => isDay && /\p{L}|\p{Nd}/u.test(text)),
      locale,
    );
  }
});

test("days are named as people name them", () => {
  const now = "2026-11-29T08:00:00Z";
  assert.equal(dayOf("2026-11-29T00:00:00Z", now), "Today");
  assert.equal(dayOf("2026-11-28T23:59:00Z", now), "Yesterday");
  assert.equal(dayOf("2026-11-12T12:00:00Z", now), "Thursday, November 12");
  assert.equal(dayOf("2025-03-03T12:00:00Z", now), "March 3, 2025");
  assert.equal(dayOf("2025-12-31T12:00:00Z", "2026-01-01T00:00:00Z"), "Yesterday");
});

test("a calendar is over at midnight and in another time zone", () => {
  const calendar = new Calendar({ now: new Date("2026-11-28T12:00:00Z") });
  assert.equal(calendar.isOver(new Date("2026-11-28T23:59:59Z")), false);
  assert.equal(calendar.isOver(new Date("2026-11-29T00:00:00Z")), true);
  process.env.TZ = "Asia/Tokyo";
  try {
    assert.equal(calendar.isOver(new Date("2026-11-28T12:00:00Z")), true);
    assert.equal(isSameDay("2026-11-28T14:59:00Z", "2026-11-28T15:00:00Z"), false);
  } finally {
    process.env.TZ = "UTC";
  }
  assert.equal(isSameDay("2026-11-28T14:59:00Z", "2026-11-28T15:00:00Z"), true);
});

test("days are as long as they are, where clocks change", () => {
  process.env.TZ = "Europe/Berlin";
  try {
    assert.equal(untilTomorrow(new Date("2026-10-25T00:00:00+02:00")), 25 * 3_600_000);
    const calendar = new Calendar({ now: new Date("2026-10-26T00:30:00+01:00"), locale: "en-US" });
    assert.equal(calendar.dayOf(new Date("2026-10-25T00:30:00+02:00")), "Yesterday");
  } finally {
    process.env.TZ = "UTC";
  }
});

test("a reader's own clock has twelve hours or twenty-four, whatever is usual in their language", () => {
  const now = new Date("2026-11-28T23:00:00Z");
  const saidBy = (locale, hours) =>
    new Calendar({ now, locale, hours })
      .timeOf(new Date("2026-11-28T00:33:00Z"))
      .map(({ text }) => text.replaceAll("\u202f", " "))
      .join("");
  assert.equal(saidBy("en-US", "24"), "00:33");
  assert.equal(saidBy("en-US", "locale"), "12:33 AM");
  assert.equal(saidBy("de", "12"), "12:33 AM");
  assert.match(saidBy("de", "locale"), /^0?0:33$/);
  const calendar = new Calendar({ now, locale: "en-US", hours: "24" });
  assert.match(calendar.wholeOf(new Date("2026-11-28T09:05:00Z")), /09:05$/);
  assert.equal(calendar.isOver(now), false);
  assert.equal(calendar.isOver(now, "12"), true, "they chose another clock meanwhile");
});
