// How many characters a text may still have, shown when it comes near the limit.

import { plural, t } from "../models/translation.js";

const NEAR = 0.9; // of the limit

export function showCount(count, text, longest) {
  const length = lengthOf(text.trimEnd());
  count.hidden = length < NEAR * longest;
  if (count.hidden) return;
  const left = longest - length;
  count.classList.toggle("composer-count-over", left < 0);
  count.textContent =
    left < 0
      ? plural("{count} character too many", "{count} characters too many", -left)
      : t("{count} left", { count: left });
}

// Returns a sentence about a text that is too long, or "".
export function excessOf(text, longest) {
  const length = lengthOf(text);
  if (length <= longest) return "";
  return t("This message has {length} characters; the limit is {longest}.", { length, longest });
}

// In characters, as the server counts them.
function lengthOf(text) {
  return [...text].length;
}
