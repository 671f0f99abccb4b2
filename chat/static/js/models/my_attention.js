// The Attention of this page.

import { Attention } from "./attention.js";

const MEANT = ["pointerdown", "keydown", "wheel", "touchstart"];

export const attention = new Attention({
  isInSight: () => document.visibilityState === "visible",
  hasFocus: () => document.hasFocus(),
});

const note = (isMeant) => () => attention.noteInput({ isMeant });

for (const event of MEANT) addEventListener(event, note(true), { passive: true, capture: true });
addEventListener("pointermove", note(false), { passive: true, capture: true });
addEventListener("focus", note(false)); // of the window, not of a field
addEventListener("blur", note(false));
document.addEventListener("visibilitychange", note(false));
