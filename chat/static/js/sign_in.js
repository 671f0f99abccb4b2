// What the pages have that are for everybody: signing in, registering.

import { LengthNote } from "./elements/length_note.js";
import { PasskeySignIn } from "./elements/passkey_sign_in.js";
import { PasswordField } from "./elements/password_field.js";
import { showProblem } from "./helpers/field_problems.js";
import { rememberTimeZone } from "./helpers/time.js";
import { copies } from "./models/my_copies.js";
import { Shares } from "./models/shares.js";

customElements.define("length-note", LengthNote);
customElements.define("passkey-sign-in", PasskeySignIn);
customElements.define("password-field", PasswordField);

// The browser's bubble would hide the button below the field.
function explain(event) {
  event.preventDefault();
  showProblem(event.target);
}

addEventListener("invalid", explain, { capture: true });

// By this the server knows, too, that a script notes what is read: also where the first page is a room.
rememberTimeZone();

// Nobody is signed in here: the session has ended, or another person comes.
if (location.pathname === "/login") forgetTheDevice();

function forgetTheDevice() {
  if (!copies) return;
  copies.clear();
  // What was shared waits for whoever signs in to send it.
  const next = new URLSearchParams(location.search).get("next") ?? "";
  if (!next.startsWith("/share?")) new Shares().clear();
}
