// The commands of the switcher: each is a choice of models/choices.js, as in destinations.js.

import { sendJson } from "./api.js";
import { write } from "./destinations.js";
import { chooseFavourite, isFavourite, rowOf } from "./favourites.js";
import { hideRoom, isDirect } from "./hidden_rooms.js";
import { goTo } from "./navigation.js";
import { showPageNotice } from "./page_notice.js";
import { showPreferences } from "./preferences.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");

// A command that does not fit the page that is shown is not offered.
const ALWAYS = () => true;
const COMMANDS = {
  theme: { fits: ALWAYS, go: toggleTheme },
  keys: { fits: ALWAYS, go: () => document.querySelector("key-sheet").open() },
  favour: {
    fits: () => isFavourite(roomId()) === false,
    go: () => chooseFavourite(roomId(), true),
  },
  unfavour: {
    fits: () => isFavourite(roomId()) === true,
    go: () => chooseFavourite(roomId(), false),
  },
  hide: {
    fits: () => {
      const row = rowOf(roomId());
      return Boolean(row) && isDirect(row);
    },
    go: () => hideRoom(roomId()),
  },
  note: { fits: ALWAYS, go: () => write(document.querySelector("#main").dataset.me) },
};

// `options`: the rows of all commands.
export function commandsIn(options) {
  return [...options.children].flatMap((option) => {
    const name = option.querySelector(".suggestion-name").textContent;
    const { address, command } = option.dataset;
    const { fits, go } = address ? { fits: ALWAYS, go: () => goTo(address) } : COMMANDS[command];
    return fits() ? { kind: "command", key: name, name, go, option: option.cloneNode(true) } : [];
  });
}

function roomId() {
  return document.querySelector("#main").dataset.roomId;
}

async function toggleTheme() {
  const { theme } = document.documentElement.dataset;
  const isDark = theme === "dark" || (theme === "system" && DARK.matches);
  try {
    const wanted = { theme: isDark ? "light" : "dark" };
    showPreferences(await sendJson("PATCH", "/me/preferences", wanted));
  } catch (error) {
    showPageNotice(error.message);
  }
}
