// What the page of a room knows when it opens: the messages in its markup.

import { connection } from "../models/connection.js";
import { people } from "../models/people.js";
import { Timeline } from "../models/timeline.js";
import { excerptIn } from "./excerpts.js";
import { noteEntries } from "./offline.js";
import { statusIn } from "./status_view.js";

const CATCH_UP = 500; // entries asked for at once

// The Timeline of an element `message-timeline`.
export function timelineOf(element) {
  const { roomId: room_id, headSeq, firstSeq, hasBefore, hasAfter } = element.dataset;
  const messages = [...element.querySelectorAll(".messages > .message")].map(messageIn);
  const lastSeq = Number(headSeq);
  const timeline = new Timeline({
    firstSeq: hasBefore === "true" ? Number(firstSeq) : 0,
    untilSeq: hasAfter === "true" ? (messages.at(-1)?.seq ?? 0) : Infinity,
    lastSeq,
    askFor: async (after) => {
      const answer = await connection.insist("room:catch_up", { room_id, after, limit: CATCH_UP });
      noteEntries(room_id, answer.entries);
      return answer;
    },
  });
  timeline.store(messages);
  for (const { author } of messages) people.store(author);
  return timeline;
}

// A message as far as its markup tells: without the text as it was typed.
function messageIn(element) {
  const { id, seq, version, clientId } = element.dataset;
  const isDeleted = element.classList.contains("message-deleted");
  return {
    isPartial: true,
    id,
    seq: Number(seq),
    version: Number(version),
    client_id: clientId,
    author: authorIn(element),
    excerpt: isDeleted ? "" : excerptIn(element.querySelector(".message-body")),
    deleted_at: isDeleted || null,
    images: [...element.querySelectorAll(".message-image")],
  };
}

function authorIn(element) {
  const username = element.querySelector(".message-username");
  const picture = element.querySelector(".message-avatar .avatar-picture");
  return {
    id: element.dataset.authorId,
    username: username.textContent.slice(1),
    display_name: element.querySelector(".message-author").textContent,
    shows_username: !username.hidden,
    is_bot: !element.querySelector(".app-badge").hidden,
    avatar_url: picture?.getAttribute("src") ?? null,
    status: statusIn(element.querySelector(".person-status")),
  };
}
