// Reports to the server whether the person is active on this page: away after a while without input.
// Who works in another tab is not away. A person is away when they are away on all their pages.

import { connection } from "../models/connection.js";

const AWAY_AFTER = 5 * 60_000; // ms without input, or since the page was hidden
const INPUT = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

let status = "online"; // what the server assumes after hello
let timer;

export function reportAttention() {
  connection.addEventListener("hello", () => status === "away" && report());
  for (const event of INPUT) addEventListener(event, notice, { passive: true, capture: true });
  document.addEventListener("visibilitychange", notice);
  notice();
}

function notice() {
  clearTimeout(timer);
  timer = setTimeout(() => become("away"), AWAY_AFTER);
  if (document.visibilityState === "visible") become("online");
}

function become(next) {
  if (status === next) return;
  status = next;
  report();
}

function report() {
  connection.send("presence:be", { status }).catch(() => {}); // without a connection nobody is online; after hello the page reports again
}
