// Ends the page above a phone's keyboard. Some browsers make the page smaller by themselves; Safari
// lays the keyboard over the page, and would push its upper part out of the screen.

const { visualViewport: sight } = globalThis;
const root = document.documentElement;

export function fitAboveKeyboard() {
  sight?.addEventListener("resize", fit);
  sight?.addEventListener("scroll", fit);
}

function fit() {
  if (sight.scale !== 1) return; // the person has zoomed in with two fingers
  const isCovered = innerHeight - sight.height > 1;
  if (!isCovered) return root.style.removeProperty("--visible-height");
  root.style.setProperty("--visible-height", `${sight.height}px`);
  scrollTo(0, 0);
}
