// The beginning of a message on one line: in replies to it, and in notifications.
// utils/plain_text.py computes the same.

import { measures } from "./measures.js";
import { t } from "../models/translation.js";

export const DELETED = t("This message was deleted.");
const ENDS = /<(?:br|hr|\/(?:p|h[1-6]|li|pre|blockquote|tr|t[hd]|div))\b[^<>]*>/gi; // of lines and cells

// `message`: a MessageView, or a ReplyView, which has its excerpt.
export function excerptOf({ body, body_html: html, excerpt, deleted_at: deletedAt }) {
  const beginning = body === undefined ? excerpt : shortened(plainText(html ?? "") || body);
  return beginning || (deletedAt ? DELETED : t("A picture"));
}

// Returns the beginning of what an element shows.
export function excerptIn(element) {
  return shortened(plainText(element.innerHTML));
}

function plainText(html) {
  const lines = html.replace(ENDS, "$& ");
  return new DOMParser().parseFromString(lines, "text/html").body.textContent.trim();
}

function shortened(text) {
  const characters = [...text.split(/\s+/).filter(Boolean).join(" ")];
  const { longestExcerpt: most } = measures;
  if (characters.length <= most) return characters.join("");
  const beginning = characters.slice(0, most - 1).join("");
  return `${beginning.trimEnd()}…`;
}
