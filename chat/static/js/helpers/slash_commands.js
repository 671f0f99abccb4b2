// What somebody types behind a slash: docs/commands.md. Answers are shown by commands.js, which is loaded
// for the first one.

import { connection } from "../models/connection.js";
import { sendJson } from "./api.js";
import { newMessage } from "./new_message.js";

const SHAPE = /^\/\/?[a-z][a-z-]*( |$)/; // the server knows which of these are commands

export function isCommand(body) {
  return SHAPE.test(body);
}

// Rejects with the reason if it was refused.
export async function giveCommand(roomId, text) {
  const { client_id } = newMessage(roomId, text, [], null);
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const command = { text, client_id, time_zone };
  showAnswer(await sendJson("POST", `/rooms/${roomId}/commands`, command));
}

export function followAnswers() {
  connection.addEventListener("command:answer", ({ detail }) => showAnswer(detail));
}

async function showAnswer({ answer }) {
  if (!answer) return;
  await import("../commands.js");
  document.dispatchEvent(new CustomEvent("command-answer", { detail: answer }));
}
