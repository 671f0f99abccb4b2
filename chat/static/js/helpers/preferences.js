// What the person prefers, as attributes of the document. The server writes them for the first
// paint; an open page follows what the person changes in another tab or on another device.

import { connection } from "../models/connection.js";
import { renewTimes } from "./time.js";

const root = document.documentElement;

export function followPreferences() {
  connection.addEventListener("hello", ({ detail }) => showPreferences(detail.preferences));
  connection.addEventListener("preferences:updated", ({ detail }) =>
    showPreferences(detail.preferences),
  );
}

// `preferences`: as the server has them.
export function showPreferences(preferences) {
  root.dataset.theme = preferences.theme;
  root.dataset.density = preferences.density;
  root.dataset.fontSize = preferences.font_size;
  root.dataset.timeFormat = preferences.time_format;
  root.dataset.enterSends = preferences.enter_sends;
  root.dataset.sounds = preferences.sounds;
  showScheme(preferences.theme);
  renewTimes();
}

// For what the browser paints itself: its controls, and the bar around the page on a phone.
function showScheme(theme) {
  const isSystem = theme === "system";
  document.querySelector("meta[name=color-scheme]").content = isSystem ? "light dark" : theme;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    const { scheme } = meta.dataset;
    const forced = theme === scheme ? "all" : "not all";
    meta.media = isSystem ? `(prefers-color-scheme: ${scheme})` : forced;
  }
}

export function enterSends() {
  return root.dataset.enterSends !== "false";
}
