// How a message follows the one before it: below a separator between days, with a name of its own, or
// under the same name; and below which separator a line about the room is. routes/pages/arranging.py does the same for whole pages.

import { isSameDay } from "../models/calendar.js";
import { measures } from "./measures.js";
import { showTime } from "./time.js";

const CONTINUES = "message-continues";

// Joins a message, and those below it whose place under a name depends on it.
export function joinWithNeighbour(element) {
  let hasChanged = join(element);
  let next = element.nextElementSibling;
  while (next && hasChanged) {
    hasChanged = join(next);
    next = next.nextElementSibling;
  }
}

// Returns whether a message has a name of its own now and had none before, or the other way round.
function join(element) {
  const before = element.previousElementSibling;
  const beginsDay = !before || !isSameDay(before.dataset.createdAt, element.dataset.createdAt);
  showDay(element.querySelector(".message-day"), beginsDay, element.dataset.createdAt);
  if (!element.matches(".message")) return false;
  const did = element.classList.contains(CONTINUES);
  return element.classList.toggle(CONTINUES, !beginsDay && continues(element, before)) !== did;
}

function showDay(line, beginsDay, moment) {
  line.hidden = !beginsDay;
  if (beginsDay) showTime(line.querySelector("time"), moment);
}

// A reply, the first new message and the one after ten under one name have a name of their own.
function continues(element, before) {
  const apart = new Date(element.dataset.createdAt) - new Date(before.dataset.createdAt);
  const isSame = before.dataset.authorId === element.dataset.authorId;
  const isAnswer = !element.querySelector(".message-reply").hidden;
  const isFirstNew = !element.querySelector(".message-new").hidden;
  if (!isSame || apart >= measures.belongsTogether || isAnswer || isFirstNew) return false;
  return countTogether(before) < measures.mostTogether;
}

// How many messages stand under the name of this one, with it.
function countTogether(element) {
  let count = 1;
  for (let each = element; each?.classList.contains(CONTINUES); each = each.previousElementSibling)
    count += 1;
  return count;
}
