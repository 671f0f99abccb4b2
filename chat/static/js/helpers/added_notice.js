// Says who added this person to a room that is not before them: it appears in the list without a message.

import { connection } from "../models/connection.js";
import { labelOf } from "../models/people.js";
import { rowOf } from "./favourites.js";
import { showPageNotice } from "./page_notice.js";
import { t } from "../models/translation.js";

export function announceAdditions() {
  connection.addEventListener("room:line", ({ detail }) => announce(detail));
}

function announce({ room_id: roomId, line: { kind, actor, user } }) {
  const { me, roomId: current } = document.querySelector("#main").dataset;
  const row = rowOf(roomId);
  if (kind !== "added" || user.id !== me || roomId === current || !row) return;
  const link = document.createElement("a");
  link.href = `/rooms/${roomId}`;
  link.textContent = row.querySelector(".room-item-name").textContent.trim();
  showPageNotice(`${t("{person} added you to a room:", { person: labelOf(actor) })} `, link);
}
