// Applies a person's own new name and picture wherever the page shows that person, also when another
// tab or device made the change.

import { connection } from "../models/connection.js";
import { showAvatar } from "./message_view.js";
import { showStatus } from "./status_view.js";

const LARGE = "&size=256";
const LONGEST_WAIT = 2 ** 31 - 1; // ms; a longer timer would end at once

let quiet; // the timer that ends it

export function followOwnAccount() {
  connection.addEventListener("hello", ({ detail }) => showMe(detail.user));
  connection.addEventListener("user:updated", ({ detail }) => showMe(detail.user));
  for (const name of ["hello", "preferences:updated"])
    connection.addEventListener(name, ({ detail }) => showQuiet(detail.preferences.dnd_until));
}

// A moon while nothing disturbs.
function showQuiet(until) {
  clearTimeout(quiet);
  const left = until ? new Date(until) - Date.now() : 0;
  document.querySelector(".account-menu-quiet").hidden = left <= 0;
  if (left > 0) quiet = setTimeout(() => showQuiet(until), Math.min(left, LONGEST_WAIT));
}

function showMe(user) {
  const { dataset } = document.querySelector("#main");
  if (user.id !== dataset.me) return;
  dataset.myName = user.display_name;
  dataset.myUsername = user.shows_username ? user.username : "";
  dataset.myAvatar = user.avatar_url ?? "";
  document.querySelector(".account-menu-name").textContent = user.display_name;
  showAvatar(document.querySelector(".account-menu-summary .avatar"), user);
  showStatus(document.querySelector(".account-menu-summary .person-status"), user);
  const large = document.querySelector(".avatar-editor .avatar-large");
  const url = user.avatar_url && `${user.avatar_url}${LARGE}`;
  if (large) showAvatar(large, { ...user, avatar_url: url });
}
