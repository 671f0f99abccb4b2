// The keys of a menu: arrows lead around it, Home and End to its ends, a letter to the next item that
// begins with it.

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

// The item to which a key leads from the focused one; undefined where it leads nowhere. nameOf(item) ->
// the text that a letter may begin.
export function itemFor({ key, ctrlKey, metaKey, altKey }, items, nameOf = textOf) {
  const at = items.indexOf(document.activeElement);
  if (STEPS[key]) return items.at((at + STEPS[key]) % items.length);
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (ctrlKey || metaKey || altKey || !/^\p{L}$/u.test(key)) return undefined;
  const others = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return others.find((item) => beginsWith(nameOf(item), key));
}

function textOf({ textContent }) {
  return textContent;
}

function beginsWith(name, letter) {
  return (
    name
      .trim()
      .slice(0, letter.length)
      .localeCompare(letter, undefined, { sensitivity: "base" }) === 0
  );
}
