// Says by a field what keeps its form from being sent, where the server says it, too (`field` in
// _form.html): the browser's own bubble would lie over what is below the field.

import { t } from "../models/translation.js";

const hints = new WeakMap(); // note -> what it said before

// `control`: a field of which the browser dispatched "invalid".
export function showProblem(control) {
  const note = noteOf(control);
  if (!hints.has(note)) hints.set(note, hintIn(note));
  note.classList.add("field-problem");
  say(note, problemOf(control));
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", note.id);
  const group = control.closest("fieldset") ?? control;
  group.addEventListener("input", () => forget(control, note), { once: true });
  if (control === firstInvalid(control.form)) control.focus();
}

// The hint or the earlier problem of the field; else a new one. Radio buttons of one name share it.
function noteOf(control) {
  const id = `${control.id || control.name}-note`;
  const known = document.getElementById(id);
  if (known) return known;
  const note = Object.assign(document.createElement("p"), { id, className: "field-note" });
  if (control.type === "radio") control.closest("fieldset").append(note);
  else (control.closest("password-field") ?? control).after(note);
  return note;
}

function hintIn(note) {
  return note.matches(".field-problem") ? "" : note.textContent;
}

function problemOf({ type, minLength, validity, validationMessage }) {
  if (validity.valueMissing && type === "radio") return t("Choose one of these.");
  if (validity.valueMissing && type === "file") return t("Choose a file first.");
  if (validity.valueMissing) return t("This field is required.");
  if (validity.tooShort) return t("Use at least {count} characters.", { count: minLength });
  if (validity.typeMismatch && type === "email")
    return t("Enter an e-mail address, like name@example.org.");
  if (validity.typeMismatch) return t("This must be an address that begins with https://.");
  if (validity.badInput) return t("This is not complete yet.");
  return validationMessage;
}

function forget(control, note) {
  control.removeAttribute("aria-invalid");
  note.classList.remove("field-problem");
  say(note, hints.get(note));
}

function say(note, text) {
  note.textContent = text;
  note.hidden = !text;
}

function firstInvalid({ elements }) {
  return [...elements].find(({ willValidate, validity }) => willValidate && !validity.valid);
}
