// The edit history of a message.

import { getJson } from "./api.js";

// Resolves to all its texts, from the first to the present one.
export async function versionsOf(messageId) {
  const found = [];
  for (let after = 0; after !== null;) {
    const page = await getJson(`/messages/${messageId}/versions?after=${after}`);
    found.push(...page.versions);
    after = page.next;
  }
  return found;
}
