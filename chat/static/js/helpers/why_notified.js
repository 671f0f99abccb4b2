// Why a message notified its reader, or why not.

import { getJson } from "./api.js";

// Resolves to a sentence.
export async function whyNotified(messageId) {
  try {
    return (await getJson(`/messages/${messageId}/why`)).sentence;
  } catch (error) {
    return error.message;
  }
}
