// Shows what commands answer to their author alone, below the messages of the room. It is gone with the page.

import { t } from "../models/translation.js";

// The device that gave the command gets the answer twice.
export function showAnswer({ answer }) {
  if (!answer) return;
  const timeline = document.querySelector(`message-timeline[data-room-id="${answer.room_id}"]`);
  const list = timeline?.querySelector(".messages");
  if (!list || list.querySelector(`:scope > [data-id="${answer.id}"]`)) return;
  const row = made("li", "command-answer");
  Object.assign(row.dataset, { id: answer.id, createdAt: answer.created_at });
  const body = made("div", "message-body");
  body.innerHTML = answer.body_html; // made safe by the server
  row.append(dayLine(), note(answer, row), body);
  list.insertBefore(row, list.querySelector(":scope > .message:not([data-seq])"));
  // After the timeline has restored what was in sight.
  requestAnimationFrame(() => setTimeout(() => row.scrollIntoView({ block: "nearest" })));
}

function note({ app }, row) {
  const line = made("p", "command-answer-note");
  const dismiss = made("button", "button button-quiet command-answer-dismiss");
  Object.assign(dismiss, { type: "button", textContent: t("Dismiss") });
  dismiss.addEventListener("click", () => {
    row.remove();
    document.querySelector(".composer-body")?.focus();
  });
  line.append([app, t("Only you can see this")].filter(Boolean).join(" · "), dismiss);
  return line;
}

// Each row of a timeline can begin a day (helpers/neighbours.js).
function dayLine() {
  const line = made("p", "message-day");
  const time = made("time", "day");
  line.hidden = true;
  line.append(time);
  return line;
}

function made(name, className) {
  return Object.assign(document.createElement(name), { className });
}
