// Sends forms without leaving the page: <form method="post" data-in-place>. What the server answers, a
// page, comes where the form is: the form dispatches "answer" with it (helpers/page_fragments.js), and
// whoever shows it there prevents the event; otherwise it becomes the page (helpers/navigation.js).

import { fetchPage } from "./page_fragments.js";
import { showPageNotice } from "./page_notice.js";
import { t } from "../models/translation.js";

const UNREACHABLE = t("Not saved: the chat could not be reached. Try again in a moment.");

export function sendFormsInPlace() {
  addEventListener("submit", send);
}

// A form is sent once at a time, however often somebody presses.
async function send(event) {
  const { target: form, submitter, defaultPrevented } = event;
  if (defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  try {
    const body = new FormData(form, submitter);
    const page = await fetchPage(form.getAttribute("action"), { body });
    if (page) tell(form, page);
    else location.reload(); // signed out, or outside of the app: the page says it
  } catch (error) {
    console.warn(error.message);
    showPageNotice(UNREACHABLE);
  } finally {
    form.ariaBusy = null;
  }
}

// The form may have left the page meanwhile.
function tell(form, page) {
  const answer = new CustomEvent("answer", { detail: page, bubbles: true, cancelable: true });
  (form.isConnected ? form : window).dispatchEvent(answer);
}
