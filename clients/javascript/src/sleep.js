export const sleep = (seconds) => new Promise((wake) => setTimeout(wake, 1000 * seconds));
