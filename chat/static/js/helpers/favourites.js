// Favourite rooms: the sidebar knows which they are, the server tells all devices of a change.

import { sendJson } from "./api.js";
import { showPageNotice } from "./page_notice.js";

// Undefined for a room that is not in the sidebar.
export function isFavourite(roomId) {
  const row = rowOf(roomId);
  return row ? row.dataset.favourite === "true" : undefined;
}

export function rowOf(roomId) {
  return document.querySelector(`room-list .room-item[data-room-id="${CSS.escape(roomId)}"]`);
}

export async function chooseFavourite(roomId, isWanted) {
  try {
    await sendJson(isWanted ? "PUT" : "DELETE", `/rooms/${roomId}/favourite`);
  } catch (error) {
    showPageNotice(error.message);
  }
}
