// Asks the browser for passkeys (WebAuthn). What it answers goes into the hidden fields of a form.

import { t } from "../models/translation.js";

export const FAILED = t("That didn’t work. Try again.");

export function knowsPasskeys() {
  const kind = globalThis.PublicKeyCredential;
  return Boolean(kind?.parseCreationOptionsFromJSON && kind.parseRequestOptionsFromJSON);
}

// `options`: of the chat, as JSON. Rejects with a DOMException when the person or the browser does not want.
export async function makePasskey(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const { response } = (await navigator.credentials.create({ publicKey })).toJSON();
  return { client_data: response.clientDataJSON, attestation: response.attestationObject };
}

// Does the same with a passkey that there is. `more`: other options of `navigator.credentials.get`.
export async function usePasskey(options, more) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const { rawId, response } = (await navigator.credentials.get({ publicKey, ...more })).toJSON();
  return {
    raw_id: rawId,
    client_data: response.clientDataJSON,
    authenticator_data: response.authenticatorData,
    signature: response.signature,
    user_handle: response.userHandle ?? "",
  };
}

export function fill(form, fields) {
  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
}
