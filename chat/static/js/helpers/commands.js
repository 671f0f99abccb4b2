// The commands of the switcher: each is a choice of models/choices.js, as in destinations.js.

import { sendJson } from "./api.js";
import { write } from "./destinations.js";
import { chooseFavourite, isFavourite, rowOf } from "./favourites.js";
import { hideRoom, isDirect } from "./hidden_rooms.js";
import { goTo } from "./navigation.js";
import { showPageNotice } from "./page_notice.js";
import { showPreferences } from "./preferences.js";
import { readAll } from "./read_all.js";

// A command that does not fit the page that is shown is not offered.
const ALWAYS = () => true;
const COMMANDS = {
  light: themeCommand("light"),
  dark: themeCommand("dark"),
  system: themeCommand("system"),
  read: { fits: ALWAYS, go: readAll },
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

// A choice of the theme, unless it is chosen.
function themeCommand(theme) {
  const fits = () => document.documentElement.dataset.theme !== theme;
  return { fits, go: () => chooseTheme(theme) };
}

async function chooseTheme(theme) {
  try {
    showPreferences(await sendJson("PATCH", "/me/preferences", { theme }));
  } catch (error) {
    showPageNotice(error.message);
  }
}
