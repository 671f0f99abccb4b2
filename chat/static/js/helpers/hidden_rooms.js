// Rooms that leave one's list: a direct room that one hides, on all devices, until the next message, and
// a room that one is not in any more.

import { t } from "../models/translation.js";
import { sendJson } from "./api.js";
import { showPageNotice } from "./page_notice.js";
import { timeText } from "./time.js";

export async function hideRoom(roomId) {
  try {
    await sendJson("PUT", `/rooms/${roomId}/hidden`);
  } catch (error) {
    showPageNotice(error.message);
  }
}

// Says that the room that is shown has gone, and why if the person is banned from it.
export async function sayFarewell(row, roomId) {
  const ban = row && !isDirect(row) && (await banFrom(roomId));
  showPageNotice(ban ? banned(row, ban) : farewell(row));
}

// Asks for the room as one sees it before one joins it, which a ban refuses.
async function banFrom(roomId) {
  try {
    await sendJson("GET", `/rooms/${roomId}/preview`);
  } catch (error) {
    return error.ban;
  }
}

function banned(row, { until }) {
  const sentence = t("You’ve been banned from {name}.", { name: nameIn(row) });
  return until ? `${sentence} ${t("The ban ends {time}.", { time: timeText(until) })}` : sentence;
}

function farewell(row) {
  if (!row) return t("You are no longer in that room.");
  const name = nameIn(row);
  if (isDirect(row))
    return t("The conversation with {name} is hidden until the next message.", { name });
  return t("You are no longer in {name}.", { name });
}

function nameIn(row) {
  return row.querySelector(".room-item-name").textContent;
}

export function isDirect(row) {
  return row.classList.contains("room-item-direct");
}
