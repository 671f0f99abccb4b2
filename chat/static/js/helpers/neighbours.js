// How a message follows the one before it: below a separator between days, with a name of its own, or
// under the same name; and below which separator a line about the room is. routes/pages/arranging.py does the same for whole pages.

import { isSameDay } from "../models/calendar.js";
import { measures } from "./measures.js";
import { showTime } from "./time.js";

export function joinWithNeighbour(element) {
  const before = element.previousElementSibling;
  const beginsDay = !before || !isSameDay(before.dataset.createdAt, element.dataset.createdAt);
  showDay(element.querySelector(".message-day"), beginsDay, element.dataset.createdAt);
  if (element.matches(".message"))
    element.classList.toggle("message-continues", !beginsDay && continues(element, before));
}

function showDay(line, beginsDay, moment) {
  line.hidden = !beginsDay;
  if (beginsDay) showTime(line.querySelector("time"), moment);
}

// A reply, what an app posts, the first new message and the first of a quarter of an hour have a name of their own. Two
// neighbours decide, so it is the same whatever else is on the page.
function continues(element, before) {
  const [then, moment] = [before, element].map(({ dataset }) => Date.parse(dataset.createdAt));
  const isSame = before.dataset.authorId === element.dataset.authorId;
  const isOfApp = element.matches(".message-of-app");
  const isAnswer = !element.querySelector(".message-reply").hidden;
  const isFirstNew = !element.querySelector(".message-new").hidden;
  if (!isSame || moment - then >= measures.belongsTogether) return false;
  if (isOfApp || isAnswer || isFirstNew) return false;
  return spanOf(then) === spanOf(moment);
}

function spanOf(moment) {
  return Math.floor(moment / measures.sharesName);
}
