// Reading from the JSON API as whom the page's cookies say.

import { refreshSession } from "./session.js";

// What GET answers. Throws Error when it is not 200, or when the chat cannot be reached.
export async function getJson(path) {
  let response = await fetch(`/api/v1${path}`);
  if (response.status === 401 && (await refreshSession())) response = await fetch(`/api/v1${path}`);
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
  return response.json();
}
