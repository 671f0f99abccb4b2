// What the pages have that are for everybody: signing in, registering.

import { PasswordField } from "./elements/password_field.js";
import { copies } from "./models/my_copies.js";

customElements.define("password-field", PasswordField);

// Nobody is signed in here: the session has ended, or another person comes.
if (location.pathname === "/login") copies?.clear();
