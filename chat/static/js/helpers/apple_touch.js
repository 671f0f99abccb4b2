// iPhones and iPads, whose browsers install a page only from their Share menu.

export function isAppleTouch() {
  return /iPhone|iPad/.test(navigator.userAgent) || isTouchMac();
}

function isTouchMac() {
  return navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1; // how iPads call themselves
}
