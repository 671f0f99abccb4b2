// The skin tone that somebody chose for their emoji, stored on this device.

const KEY = "chat.skin-tone";

// An index of the skin tones: 0 is none.
export function skinTone() {
  return Number(localStorage.getItem(KEY) ?? 0);
}

export function chooseSkinTone(tone) {
  localStorage.setItem(KEY, tone);
}
