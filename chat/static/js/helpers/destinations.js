// Where one can go, for the switcher: each is a choice of models/choices.js with the `option` that
// shows it, a `key`, and `go`.

import { inOfferedOrder } from "../models/choices.js";
import { people, usernameAndTitle } from "../models/people.js";
import { getJson, sendJson } from "./api.js";
import { goTo } from "./navigation.js";
import { showPageNotice } from "./page_notice.js";
import { fillRoomItem } from "./room_item.js";
import { t } from "../models/translation.js";

// The rooms of the sidebar, in the order of inOfferedOrder. `seen`: ids of rooms, the last first.
export function roomsOfSidebar(template, seen) {
  const rows = [...document.querySelectorAll("room-list .room-item[data-room-id]")];
  const rooms = rows.map((row) => ({
    id: row.dataset.roomId,
    place: [...row.parentElement.children].indexOf(row),
    isCalling: !row.querySelector(".badge").hidden,
    isUnread: row.classList.contains("room-item-unread"),
    row,
  }));
  const { roomId } = document.querySelector("#main").dataset;
  return inOfferedOrder(rooms, seen, roomId).map(({ row }) => choiceOfRow(row, template));
}

// Resolves to the rooms and the people that fit, as far as they can be asked for now; `known` are
// choices that are here already.
export async function otherDestinations(words, template, known) {
  const q = encodeURIComponent(words);
  const [{ rooms }, { users }, { rooms: open }] = await Promise.all([
    getJson(`/rooms?q=${q}&limit=10`).catch(() => ({ rooms: [] })),
    getJson(`/users?q=${q}`).catch(() => ({ users: [] })),
    getJson(`/rooms/browse?q=${q}`).catch(() => ({ rooms: [] })),
  ]);
  const found = rooms.map(({ room }) => choiceOfRow(rowOf(room), template));
  const keys = new Set([...known, ...found].flatMap(({ key, personKey }) => [key, personKey]));
  // Who is in the sidebar already is found by their title there.
  for (const choice of known) {
    const user = users.find(({ id }) => choice.personKey === `person ${id}`);
    if (!user?.title) continue;
    choice.otherNames = [user.title];
    choice.option.querySelector(".suggestion-username").textContent = user.title;
  }
  const strangers = users.filter(({ id }) => !keys.has(`person ${id}`));
  const isNew = ({ key }) => !known.some((choice) => choice.key === key);
  return [
    ...found.filter(isNew),
    ...strangers.map((user) => choiceOfPerson(user, template)),
    ...open.filter(({ role }) => !role).map((room) => choiceToLookInto(room, template)),
  ];
}

// As the search field of the sidebar does, which knows the time zone.
export function searchFor(words, template) {
  const option = template.content.firstElementChild.cloneNode(true);
  option.querySelector(".switcher-words").textContent = words;
  const go = () => {
    const form = document.querySelector("search-field form");
    form.elements.q.value = words;
    form.requestSubmit();
  };
  return { kind: "search", key: "search", go, option };
}

function choiceOfRow(row, template) {
  const { roomId } = row.dataset;
  const isDirect = row.classList.contains("room-item-direct");
  const isUnread = row.classList.contains("room-item-unread");
  const name = row.querySelector(".room-item-name").textContent;
  const option = optionFor(row, template, name);
  option.classList.toggle("switcher-unread", isUnread);
  const kind = isDirect ? t("direct messages") : t("room");
  option.querySelector(".switcher-kind").textContent = isUnread ? `${kind}, ${t("unread")}` : kind;
  return {
    kind: isDirect ? "person" : "room",
    key: `room ${roomId}`,
    personKey: `person ${row.querySelector("presence-dot")?.dataset.userId}`,
    name,
    option,
    go: () => goTo(`/rooms/${roomId}`),
  };
}

// A public room that one is not in yet.
function choiceToLookInto(room, template) {
  const { id, name } = room;
  const option = optionFor(rowOf(room), template, t("Preview {name}", { name }));
  return { kind: "room", key: `room ${id}`, name, option, go: () => goTo(`/rooms/${id}`) };
}

function choiceOfPerson(user, template) {
  const { id, username, title, display_name: name } = user;
  people.store(user);
  const option = optionFor(rowOf({ id: "", kind: "direct", user_ids: [id] }), template, name);
  option.querySelector(".suggestion-username").textContent = usernameAndTitle(user);
  const otherNames = [username, title];
  return { kind: "person", key: `person ${id}`, name, otherNames, option, go: () => write(id) };
}

function optionFor(row, template, name) {
  const option = template.content.firstElementChild.cloneNode(true);
  const mark = row.querySelector(".room-item-mark");
  option.prepend(row.isConnected ? mark.cloneNode(true) : mark); // a face may come later
  option.querySelector(".suggestion-name").textContent = name;
  return option;
}

// A row as the sidebar would show it.
function rowOf(room) {
  const { content } = document.querySelector("room-list template");
  const row = content.firstElementChild.cloneNode(true);
  fillRoomItem(row, room);
  row.querySelector(".room-item-name").textContent = room.name ?? "";
  return row;
}

// Opens the direct room with somebody, or with oneself.
export async function write(id) {
  try {
    const room = await sendJson("POST", "/direct-rooms", { user_ids: [id] });
    await goTo(`/rooms/${room.id}`);
  } catch (error) {
    showPageNotice(error.message);
  }
}
