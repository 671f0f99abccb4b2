// Applies a person's own new name and picture wherever the page shows that person, also when another
// tab or device made the change.

import { connection } from "../models/connection.js";
import { showAvatar } from "./message_view.js";

const LARGE = "&size=256";

export function followOwnAccount() {
  connection.addEventListener("hello", ({ detail }) => showMe(detail.user));
  connection.addEventListener("user:updated", ({ detail }) => showMe(detail.user));
}

function showMe(user) {
  const { dataset } = document.querySelector("#main");
  if (user.id !== dataset.me) return;
  dataset.myName = user.display_name;
  dataset.myUsername = user.shows_username ? user.username : "";
  dataset.myAvatar = user.avatar_url ?? "";
  document.querySelector(".account-menu-name").textContent = user.display_name;
  showAvatar(document.querySelector(".account-menu-summary .avatar"), user);
  const large = document.querySelector(".avatar-editor .avatar-large");
  const url = user.avatar_url && `${user.avatar_url}${LARGE}`;
  if (large) showAvatar(large, { ...user, avatar_url: url });
}
