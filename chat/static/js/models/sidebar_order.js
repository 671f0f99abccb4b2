// The order of the rows of the sidebar, and what waits in each. routes/pages/sidebar_order.py computes the
// same. A row: {unread, mentions, notifications, isDirect}, numbers or their texts.

// How many unread messages the reader wants to know of.
export function waitingIn({ unread, notifications }) {
  return notifications === "nothing" ? 0 : Number(unread);
}

// The number beside the room: of mentions or, in a direct room of which every message notifies, of all.
export function callsIn(row) {
  const waiting = waitingIn(row);
  const callsAlways = row.isDirect && row.notifications === "all";
  return callsAlways ? waiting : Math.min(waiting, Number(row.mentions));
}

// 0 for a room that calls its reader, 1 for one with other unread messages, 2 for the rest.
export function rankOf(row) {
  if (callsIn(row)) return 0;
  return waitingIn(row) ? 1 : 2;
}

// Whether something was said in a direct room; true of other rooms, and of favourites. What is not known
// (no `seq`) may have been said.
export function hasBegun({ kind, favourite, seq }) {
  return kind !== "direct" || favourite || Number(seq) !== 0;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

// Returns the place of a room among others, which have {name, place}: by its name.
export function placeAmong(others, name) {
  const places = others.filter((other) => byName.compare(other.name, name) <= 0);
  const before = Math.max(...places.map(({ place }) => place));
  const after = Math.min(...others.map(({ place }) => place).filter((place) => place > before));
  if (before === -Infinity) return after === Infinity ? 0 : after - 1;
  return after === Infinity ? before + 1 : (before + after) / 2;
}

// Sorts {rank, place}; the lower of each comes first.
export function inOrder(rows) {
  return rows.toSorted((one, other) => one.rank - other.rank || one.place - other.place);
}
