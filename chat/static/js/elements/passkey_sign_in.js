// Signs in with a passkey: by its button, or by one that the browser offers at the field of the username.

import { LiveElement } from "../helpers/live_element.js";
import { FAILED, fill, knowsPasskeys, usePasskey } from "../helpers/passkeys.js";

const OPTIONS = "/api/v1/auth/passkey/options";
const RENEW_EVERY = 240_000; // ms; what the chat gives for a passkey works for five minutes

export class PasskeySignIn extends LiveElement {
  #offer = null; // ends what the browser offers

  prepare() {
    if (!knowsPasskeys()) return;
    this.#form.hidden = false;
    this.#form.addEventListener("submit", (event) => this.#ask(event));
  }

  enter() {
    if (knowsPasskeys()) this.#offerAtField();
  }

  leave() {
    this.#offer?.abort();
  }

  async #ask(event) {
    event.preventDefault();
    this.#say("");
    this.#offer?.abort();
    try {
      await this.#signIn();
    } catch {
      this.#say(FAILED);
      this.#offerAtField();
    }
  }

  // Nothing is shown until the person goes to the field, and what goes wrong there is not told.
  async #offerAtField() {
    if (!document.querySelector("[autocomplete~=webauthn]")) return;
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    this.#offer = new AbortController();
    const { signal } = this.#offer;
    const renewal = setTimeout(() => this.#renew(), RENEW_EVERY);
    signal.addEventListener("abort", () => clearTimeout(renewal));
    this.#signIn({ mediation: "conditional", signal }).catch(() => {});
  }

  #renew() {
    this.#offer.abort();
    this.#offerAtField();
  }

  async #signIn(more) {
    const response = await fetch(OPTIONS, { method: "POST" });
    if (!response.ok) throw new Error(FAILED);
    const { token, public_key: options } = await response.json();
    fill(this.#form, { token, ...(await usePasskey(options, more)) });
    this.#form.submit();
  }

  #say(text) {
    this.querySelector("[role=status]").textContent = text;
  }

  get #form() {
    return this.querySelector("form");
  }
}
