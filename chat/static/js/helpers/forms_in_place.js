// Sends forms without leaving the page: <form method="post" data-in-place>. What the server answers, a
// page, comes where the form is: the form dispatches "answer" with it (helpers/page_fragments.js), and
// whoever shows it there prevents the event; otherwise it becomes the page (helpers/navigation.js).
// The value of `data-in-place` is the part of the page, #…, that its redirect names: fetch hides it.

import { wantNothingElse, wantPage } from "./navigation.js";
import { fetchPage, problemIn } from "./page_fragments.js";
import { showPageNotice } from "./page_notice.js";
import { t } from "../models/translation.js";

const UNREACHABLE = t("Not saved: the chat could not be reached. Try again in a moment.");
const UPLOADED_WITHIN = 300_000; // ms

export function sendFormsInPlace() {
  addEventListener("submit", send);
}

// A form is sent once at a time, however often somebody presses. Whoever goes elsewhere meanwhile stays
// there, and is told only what was refused.
async function send(event) {
  const { target: form, submitter, defaultPrevented } = event;
  if (defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  const place = form.closest("side-panel, profile-card") ?? window;
  const isWanted = wantPage();
  try {
    const page = await answerTo(form, submitter);
    if (isWanted()) tell(form, { submitter, place, page });
    else if (page?.isRefused) showPageNotice(problemIn(page.main));
  } catch (error) {
    console.warn(error.message);
    showPageNotice(UNREACHABLE);
  } finally {
    form.ariaBusy = null;
    if (isWanted()) wantNothingElse();
  }
}

function answerTo(form, submitter) {
  const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const isUpload = form.enctype === "multipart/form-data";
  const body = new FormData(form, submitter);
  return fetchPage(address, { body, ...(isUpload && { within: UPLOADED_WITHIN }) });
}

// The form may have left the page meanwhile: what it is on is fetched again now and then.
function tell(form, { submitter, place, page }) {
  if (!page) return location.reload(); // signed out, or outside of the app: the page says it
  const { version } = page.main.dataset;
  if (page.isRefused && !version) return showPageNotice(problemIn(page.main));
  if (page.isRefused && version !== document.querySelector("#main").dataset.version)
    return sendAgain(form, submitter);
  const detail = { ...page, hash: form.dataset.inPlace };
  const answer = new CustomEvent("answer", { detail, bubbles: true, cancelable: true });
  (form.isConnected ? form : place).dispatchEvent(answer);
}

// The chat was upgraded and refuses the form: the browser gets the page with its scripts, and with what
// somebody typed.
function sendAgain(form, submitter) {
  form.removeAttribute("data-in-place");
  form.requestSubmit(submitter);
}
