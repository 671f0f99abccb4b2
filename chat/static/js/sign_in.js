// What the pages have that are for everybody: signing in, registering.

import { PasswordField } from "./elements/password_field.js";

customElements.define("password-field", PasswordField);
