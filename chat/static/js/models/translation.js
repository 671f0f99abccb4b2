// Says sentences in the page's language: chat/utils/translation.py is the same for the server.

import { LANGUAGE, SENTENCES } from "./catalogue.js";

const PLACEHOLDER = /\{(\w+)\}/g;
const rules = new Intl.PluralRules(LANGUAGE);

// t("Messages in {room}", { room: "design" })
export function t(sentence, values = {}) {
  return filled(SENTENCES[sentence] ?? sentence, values);
}

// plural("{count} member", "{count} members", count)
export function plural(one, many, count, values = {}) {
  const category = rules.select(count);
  const english = category === "one" ? one : many;
  return filled(SENTENCES[one]?.[category] ?? english, { count, ...values });
}

// For an English word with several meanings.
export function inContext(context, sentence, values = {}) {
  return filled(SENTENCES[`${context}\u0004${sentence}`] ?? sentence, values);
}

// Marks a constant, for `t` to translate later.
export function N_(sentence) {
  return sentence;
}

function filled(text, values) {
  return text.replace(PLACEHOLDER, (placeholder, name) => values[name] ?? placeholder);
}
