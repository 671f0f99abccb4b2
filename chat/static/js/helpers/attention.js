// Tells the server whether somebody is at this page: away after a while without input, and soon after it is hidden. Each
// page tells for itself; a person is away when all of theirs are.

import { connection } from "../models/connection.js";

const IDLE_AFTER = 5 * 60_000; // ms without input
const HIDDEN_AFTER = 3_000; // ms; whoever goes from one page to another is not gone
const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

let status = "online"; // what the server takes for granted after hello
let timer;

export function tellAttention() {
  connection.addEventListener("hello", () => status === "away" && tell());
  for (const event of INPUT) addEventListener(event, notice, { passive: true, capture: true });
  document.addEventListener("visibilitychange", notice);
  notice();
}

function notice() {
  clearTimeout(timer);
  const isHidden = document.visibilityState === "hidden";
  timer = setTimeout(() => become("away"), isHidden ? HIDDEN_AFTER : IDLE_AFTER);
  if (!isHidden) become("online");
}

function become(next) {
  if (status === next) return;
  status = next;
  tell();
}

function tell() {
  connection.send("presence:be", { status }).catch(() => {}); // without a connection nobody is online; hello tells it again
}
