// Joins what other apps share into one text, as chat/utils/shared_text.py does.

const OF_WORDS = /[\p{L}\p{N}_/?#=&%@~+-]/u; // where no word and no address ends

// Returns title, text and address as lines, without those that another one contains.
export function joinedText(title, text, url) {
  const parts = [title, text, url].map((part) => part.trim()).filter(Boolean);
  return parts.filter((part, i) => !isTold(parts, part, i)).join("\n");
}

function isTold(parts, part, i) {
  return parts.some((other, j) => (other === part ? j < i : contains(other, part)));
}

// Not as a piece of a longer word or address.
function contains(text, part) {
  for (let place = text.indexOf(part); place !== -1; place = text.indexOf(part, place + 1)) {
    const around = text.slice(0, place).slice(-1) + text.slice(place + part.length).slice(0, 1);
    if (!OF_WORDS.test(around)) return true;
  }
  return false;
}
