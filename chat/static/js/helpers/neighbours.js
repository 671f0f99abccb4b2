// How a message follows the one before it: below a separator between days, with a name of its own, or
// under the same name. routes/pages/rooms.py does the same for whole pages.

import { isSameDay } from "../models/calendar.js";
import { measures } from "./measures.js";
import { showTime } from "./time.js";

export function joinWithNeighbour(element) {
  const before = element.previousElementSibling;
  const beginsDay = !before || !isSameDay(before.dataset.createdAt, element.dataset.createdAt);
  showDay(element.querySelector(".message-day"), beginsDay, element.dataset.createdAt);
  element.classList.toggle("message-continues", !beginsDay && continues(element, before));
}

function showDay(line, beginsDay, moment) {
  line.hidden = !beginsDay;
  if (beginsDay) showTime(line.querySelector("time"), moment);
}

// A reply and the first new message have a name of their own.
function continues(element, before) {
  const apart = new Date(element.dataset.createdAt) - new Date(before.dataset.createdAt);
  const isSame = before.dataset.authorId === element.dataset.authorId;
  const isAnswer = !element.querySelector(".message-reply").hidden;
  const isFirstNew = !element.querySelector(".message-new").hidden;
  return isSame && apart < measures.belongsTogether && !isAnswer && !isFirstNew;
}
