// Cookies that scripts share with the server. They last for a year.

// Returns the value of a cookie; empty without one.
export function readCookie(name) {
  const cookie = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) ?? "";
}

export function writeCookie(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}
