// What a finger does with an open picture: a swipe leads on along the row, one downwards closes, and two
// taps enlarge. Two fingers enlarge the page, which is the browser's own.

const FAR = 48; // px
const TWICE_WITHIN = 350; // ms

// `actions`: turn(arrow key that means the same), close(), zoom(). While mayMove() says no, a finger
// moves the enlarged picture.
export function followFinger(stage, actions, mayMove) {
  let start = null;
  let tappedAt = 0;
  stage.addEventListener("pointerdown", ({ pointerType, isPrimary, clientX: x, clientY: y }) => {
    const isOne = pointerType === "touch" && isPrimary && visualViewport.scale === 1;
    start = isOne ? { x, y } : null;
  });
  stage.addEventListener("pointercancel", () => (start = null));
  stage.addEventListener("pointerup", ({ target, clientX, clientY, timeStamp }) => {
    if (!start) return;
    const right = clientX - start.x;
    const down = clientY - start.y;
    const distance = Math.max(Math.abs(right), Math.abs(down));
    start = null;
    if (distance >= FAR && mayMove()) swipe(right, down, actions);
    if (distance >= FAR / 4 || !target.matches("img")) return;
    const isSecond = timeStamp - tappedAt < TWICE_WITHIN;
    if (isSecond) actions.zoom();
    tappedAt = isSecond ? 0 : timeStamp;
  });
}

function swipe(right, down, { turn, close }) {
  if (Math.abs(right) > Math.abs(down)) turn(right < 0 ? "ArrowRight" : "ArrowLeft");
  else if (down > 0) close();
}
