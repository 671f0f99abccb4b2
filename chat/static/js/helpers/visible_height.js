// How much of the window is in sight above a phone's keyboard. Some browsers make the page smaller
// then, and nothing is to be done; Safari lays the keyboard over the page, and would push its upper
// part out of sight.

const { visualViewport: sight } = globalThis;
const root = document.documentElement;

export function fitAboveKeyboard() {
  sight?.addEventListener("resize", fit);
  sight?.addEventListener("scroll", fit);
}

function fit() {
  if (sight.scale !== 1) return; // somebody looks closer, with two fingers
  const isCovered = innerHeight - sight.height > 1;
  if (!isCovered) return root.style.removeProperty("--visible-height");
  root.style.setProperty("--visible-height", `${sight.height}px`);
  scrollTo(0, 0);
}
