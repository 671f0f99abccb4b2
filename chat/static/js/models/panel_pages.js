// Which pages the panel beside a room shows: the room's details, and the search.

const ID = "[0-9a-f]{24}";
const WEBHOOKS = `outgoing-webhooks(?:/${ID})?`;
const PAGES = `about|members|pins|images|settings|audit|bans|readers|${WEBHOOKS}|members/${ID}/(?:ban|mute)`;
const DETAILS = new RegExp(`^/rooms/(${ID})/(${PAGES})$`);
const OF_ONE_ROOM = /^(?:settings|audit|bans|outgoing-webhooks|members\/)/;
const SEARCH = "/search";

// Whether the panel of this room shows a page.
export function isInPanel({ pathname }, roomId) {
  if (!roomId) return false;
  return pathname === SEARCH || DETAILS.exec(pathname)?.[1] === roomId;
}

// The name of a page of details, which every room has; "" for others.
export function nameOf(address) {
  return DETAILS.exec(address.split("?")[0])?.[2] ?? "";
}

// The page of another room that comes after one of this name, which is anything that a browser
// remembers. Settings are of one room: the next one begins with what it is about.
export function addressIn(roomId, name) {
  const address = `/rooms/${roomId}/${OF_ONE_ROOM.test(name) ? "about" : name}`;
  return nameOf(address) ? address : "";
}

export function isSearch(address) {
  return address.split("?")[0] === SEARCH;
}
