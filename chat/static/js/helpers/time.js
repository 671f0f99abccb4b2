// Times as the reader's clock and language say them.

const time = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const dayAndTime = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

export function localizeTimes(within) {
  for (const element of within.querySelectorAll("time[datetime]")) showTime(element, element.dateTime);
}

export function showTime(element, moment) {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return;
  const isToday = date.toDateString() === new Date().toDateString();
  element.dateTime = moment;
  element.textContent = (isToday ? time : dayAndTime).format(date);
  element.title = whole.format(date);
}
