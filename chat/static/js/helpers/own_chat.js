// Shows the chat's new name and icon on an open page: beside the rooms, in the title, on the tab.

import { connection } from "../models/connection.js";

const former = new Set(); // names that titles of kept pages may still end with

export function followOwnChat() {
  connection.addEventListener("hello", ({ detail }) => showChat(detail.chat));
  connection.addEventListener("chat:updated", ({ detail }) => showChat(detail.chat));
  document.addEventListener("page", renameTitle);
}

function showChat({ name, icon_url: url }) {
  for (const place of document.querySelectorAll(".chat-name")) {
    if (place.textContent !== name) former.add(place.textContent);
    place.textContent = name;
  }
  renameTitle();
  const icon = document.querySelector("link[rel=icon]");
  const { usual } = icon.dataset;
  const addressOf = (size) => (url ? `${url}?size=${size}` : usual);
  icon.href = addressOf(192);
  for (const image of document.querySelectorAll(".chat-icon"))
    image.src = addressOf(image.width > 64 ? 192 : 64);
}

function renameTitle() {
  const name = document.querySelector(".chat-name").textContent;
  for (const each of former)
    if (each !== name && document.title.endsWith(` · ${each}`))
      document.title = document.title.slice(0, -each.length) + name;
}
