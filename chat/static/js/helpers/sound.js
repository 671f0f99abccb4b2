// The sound of what notifies (sounds.js), which is loaded when it is needed.

// `isSample`: somebody wants to hear it. Rejects if it could not be loaded.
export async function playSound({ isSample = false } = {}) {
  if (!isSample && document.documentElement.dataset.sounds === "false") return;
  await import("../sounds.js");
  document.dispatchEvent(new CustomEvent("sound", { detail: { isSample } }));
}
