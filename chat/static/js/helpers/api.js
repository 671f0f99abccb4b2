// Asks the JSON API as the person of the page's cookies.

import { Refusal } from "../models/refusal.js";
import { csrfToken, refreshSession } from "./session.js";
import { t } from "../models/translation.js";

const ANSWER_WITHIN = 10_000; // ms; a half-open connection never answers
const UNREACHABLE = t("Not saved: the chat could not be reached.");

// Resolves to the answer. Rejects when its status is not 2xx, or when the chat cannot be reached.
export async function getJson(path) {
  let response = await get(path);
  if (response.status === 401 && (await refreshSession())) response = await get(path);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
  return response.json();
}

// Sends a change. Resolves to the answer, null if it is empty. Rejects with a Refusal when the server
// answers an error, with an Error when the chat cannot be reached.
export async function sendJson(method, path, body) {
  return (await sendForStatus(method, path, body)).answer;
}

// Does the same, and resolves to the status and the answer.
export async function sendForStatus(method, path, body) {
  let response = await send(method, path, body);
  if (response.status === 401 && (await refreshSession()))
    response = await send(method, path, body);
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw answer?.error ? new Refusal(answer.error) : new Error(UNREACHABLE);
  return { status: response.status, answer };
}

async function send(method, path, body) {
  const form = body instanceof FormData;
  const headers = { "X-CSRF-TOKEN": csrfToken() };
  if (!form) headers["Content-Type"] = "application/json";
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: form ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
  } catch {
    throw new Error(UNREACHABLE);
  }
}

function get(path) {
  return fetch(`/api/v1${path}`, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
}
