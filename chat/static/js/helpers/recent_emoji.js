// The emoji that somebody chose last, the latest first, stored on this device.

const KEY = "chat.recent-emoji";
const MOST = 16;

export function recentEmoji() {
  return JSON.parse(localStorage.getItem(KEY) ?? "[]");
}

export function rememberEmoji(emoji) {
  const others = recentEmoji().filter((each) => each !== emoji);
  localStorage.setItem(KEY, JSON.stringify([emoji, ...others].slice(0, MOST)));
}
