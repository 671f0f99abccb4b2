// What the page of a room knows when it opens: the messages that the server put into it.

import { connection } from "../models/connection.js";
import { people } from "../models/people.js";
import { Timeline } from "../models/timeline.js";

const CATCH_UP = 500; // entries asked for at once

// The Timeline of an element `message-timeline`.
export function timelineOf(element) {
  const { roomId: room_id, headSeq, hasBefore, hasAfter } = element.dataset;
  const messages = JSON.parse(element.querySelector(".timeline-messages").content.textContent);
  const lastSeq = Number(headSeq);
  const timeline = new Timeline({
    firstSeq: hasBefore === "true" ? (messages[0]?.seq ?? lastSeq + 1) : 0,
    untilSeq: hasAfter === "true" ? (messages.at(-1)?.seq ?? 0) : Infinity,
    lastSeq,
    askFor: (after) => connection.insist("room:catch_up", { room_id, after, limit: CATCH_UP }),
  });
  timeline.store(messages);
  for (const { author } of messages) people.store(author);
  return timeline;
}
