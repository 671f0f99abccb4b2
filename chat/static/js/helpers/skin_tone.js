// The tone of skin that somebody chose for their emoji, kept on this device.

const KEY = "chat.skin-tone";

// An index of the tones: 0 is none.
export function skinTone() {
  return Number(localStorage.getItem(KEY) ?? 0);
}

export function chooseSkinTone(tone) {
  localStorage.setItem(KEY, tone);
}
