// A sentence to the person about the page as a whole, for a while.

const LASTS = 8_000; // ms

let timer;

export function showPageNotice(text) {
  const notice = document.querySelector(".page-notice");
  notice.textContent = text;
  notice.hidden = !text;
  clearTimeout(timer);
  if (text) timer = setTimeout(() => (notice.hidden = true), LASTS);
}
