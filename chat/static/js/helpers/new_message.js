// A message as the outbox takes it.

import { excerptOf } from "./excerpts.js";

// `answered`: the message that it answers, or null. `images`: as the server tells of them.
export function newMessage(roomId, body, images, answered) {
  return {
    room_id: roomId,
    client_id: newClientId(),
    body,
    images,
    written_at: new Date().toISOString(),
    ...(answered && { reply_to: replyTo(answered) }),
  };
}

function replyTo(message) {
  const { id, seq, author } = message;
  return { id, seq, author, excerpt: excerptOf(message) };
}

// 128 random bits; randomUUID is missing on plain http from another host.
function newClientId() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
