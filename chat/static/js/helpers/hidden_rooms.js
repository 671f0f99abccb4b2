// Hiding a direct room from one's list, on all devices, until the next message.

import { t } from "../models/translation.js";
import { sendJson } from "./api.js";
import { showPageNotice } from "./page_notice.js";

export async function hideRoom(roomId) {
  try {
    await sendJson("PUT", `/rooms/${roomId}/hidden`);
  } catch (error) {
    showPageNotice(error.message);
  }
}

// What to say when the room that is shown has gone.
export function farewell(row) {
  const name = row?.querySelector(".room-item-name").textContent;
  if (!name) return t("You are no longer in that room.");
  if (isDirect(row))
    return t("The conversation with {name} is hidden until the next message.", { name });
  return t("You are no longer in {name}.", { name });
}

export function isDirect(row) {
  return row.classList.contains("room-item-direct");
}
