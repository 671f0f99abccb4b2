// A sentence to the person about the page as a whole, for a while; perhaps with a button.

const LASTS = 8_000; // ms

let timer;

// `parts`: texts and nodes; without any, or with an empty text, nothing is shown.
export function showPageNotice(...parts) {
  const notice = document.querySelector(".page-notice");
  notice.replaceChildren(...parts);
  notice.hidden = !notice.textContent;
  clearTimeout(timer);
  if (!notice.hidden) timer = setTimeout(() => (notice.hidden = true), LASTS);
}
