// Reads from the JSON API as the person of the page's cookies.

import { refreshSession } from "./session.js";

const ANSWER_WITHIN = 10_000; // ms; a half-open connection never answers

// Resolves to the answer. Rejects when its status is not 2xx, or when the chat cannot be reached.
export async function getJson(path) {
  let response = await get(path);
  if (response.status === 401 && (await refreshSession())) response = await get(path);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
  return response.json();
}

function get(path) {
  return fetch(`/api/v1${path}`, { signal: AbortSignal.timeout(ANSWER_WITHIN) });
}
