// Switches pages without a reload: fetches and replaces `main`, while the sidebar and the connection
// stay. Whatever it cannot do, the browser does as if this file did not exist.

import { connection } from "../models/connection.js";
import { KeptPages } from "../models/kept_pages.js";
import { PageRequests } from "../models/page_requests.js";
import { keepPage } from "./offline.js";
import { completePart, fetchPage, findKept } from "./page_fragments.js";
import { showPageNotice } from "./page_notice.js";
import { t } from "../models/translation.js";

const MOST_ROOMS = 10;
const HOVER = 80; // ms over a link that mean to go there
const OTHER_FILES = /^\/(api|static|images)\//;
const OFFLINE = t("You are offline. This page can be shown when the connection is back.");

const kept = new KeptPages(MOST_ROOMS);
const requests = new PageRequests(fetchPage);
const scrolled = new Map(); // key of an entry of the history -> px
let shown = addressOf(location);
let entry = history.state?.key ?? newKey();
let latest = 0; // the number of the last page that somebody wanted to go to
let hovered = null; // the link under the pointer

// Dispatches on the document: "page" before another `main` comes on the page (detail: that `main`);
// "entry" when another entry of the history is shown, with whatever page; "visit" before a link or a
// form leads to a page (detail: {url, from}), which whoever shows it elsewhere prevents.
export function startNavigation() {
  history.scrollRestoration = "manual";
  history.replaceState({ ...history.state, key: entry }, "");
  addEventListener("click", followLink);
  addEventListener("submit", followForm);
  addEventListener("answer", showAnswer);
  connection.addEventListener("room:removed", ({ detail }) =>
    kept.drop(({ main }) => main.dataset.roomId === detail.room_id),
  );
  addEventListener("popstate", ({ state }) => goBack(state));
  addEventListener("pointerdown", ({ target }) => fetchAhead(roomLinkAt(target)));
  addEventListener("pointerover", ({ target }) => noteHover(roomLinkAt(target)));
}

// Goes to an address of the chat; to the newest messages of the room that is shown already.
// `keepsPage`: whether the page that is shown may come back as it is.
export async function goTo(address, { keepsPage = true } = {}) {
  const url = new URL(address, location);
  const timeline = document.querySelector("message-timeline");
  if (addressOf(url) === shown && timeline) {
    wantNothingElse();
    return timeline.goToThePresent();
  }
  const page = kept.take(addressOf(url)) ?? (await fetched(url));
  if (page) show(page, { url: page.address + url.hash, keepsPage });
}

// Makes the next Back lead to this page as it is, and dispatch "popstate".
export function addEntry() {
  entry = newKey();
  history.pushState({ key: entry }, "", location);
}

// Changes the address of what is shown.
export function replaceAddress(address) {
  history.replaceState(history.state, "", address);
  shown = addressOf(location);
}

async function goBack(state) {
  if (addressOf(location) === shown) return noteEntry(state?.key); // at most the part behind the # changed
  const page = kept.take(addressOf(location)) ?? (await fetched(new URL(location)));
  if (page) show(page, { key: state?.key ?? newKey() });
}

// Resolves to null when there is nothing to show: another page is wanted by now, the browser goes
// there by itself, or the chat cannot be reached.
async function fetched(url) {
  hovered = null;
  const isWanted = wantPage();
  try {
    const page = await requests.get(addressOf(url));
    if (!isWanted()) return null;
    if (page && belongsHere(page.main)) {
      keepPage(page);
      return page;
    }
    location.assign(url);
  } catch (error) {
    console.warn(error.message);
    const kept = await findKept(addressOf(url));
    if (isWanted() && kept && belongsHere(kept.main)) return kept;
    if (isWanted()) stayHere();
  } finally {
    if (isWanted()) wantNothingElse();
  }
  return null;
}

// Somebody waits for a page from now on. Returns isWanted(): whether they still do.
export function wantPage() {
  latest += 1;
  const turn = latest;
  document.documentElement.classList.add("is-loading");
  return () => turn === latest;
}

// After Back the browser shows the address of the page that did not come.
function stayHere() {
  showPageNotice(OFFLINE);
  if (addressOf(location) !== shown) history.pushState({ key: entry }, "", shown);
}

// A page that is still under way is not wanted any more.
export function wantNothingElse() {
  latest += 1;
  document.documentElement.classList.remove("is-loading");
}

// Not a page outside of the app, of somebody else who has signed in, or of a chat that was upgraded.
export function belongsHere({ dataset }) {
  const { me, version } = document.querySelector("#main").dataset;
  return dataset.me === me && dataset.version === version;
}

// `url` is a new entry of the history; without it, `key` is the entry that the browser went to.
function show({ main, title, address }, { url, key = newKey(), keepsPage = true }) {
  wantNothingElse();
  const before = document.querySelector("#main");
  leave(before, keepsPage);
  if (url) history.pushState({ key }, "", url);
  entry = key;
  shown = address;
  completePart(main);
  document.body.className = main.dataset.place;
  document.title = title;
  document.dispatchEvent(new CustomEvent("page", { detail: main }));
  before.replaceWith(main);
  showPageNotice("");
  const part = scrolled.has(entry) ? null : partNamedIn(main);
  if (part) part.scrollIntoView();
  else main.scrollTop = scrolled.get(entry) ?? 0;
  moveFocus(main, title, part);
  document.dispatchEvent(new Event("entry"));
}

// What became of a form that was sent in place: a refusal takes the place of the page that it was on.
// A room that is kept comes back as it was left, with the pictures that wait in its composer.
function showAnswer({ detail: page, defaultPrevented }) {
  if (defaultPrevented) return;
  const address = page.isRefused ? shown : page.address;
  if (!belongsHere(page.main)) return location.assign(address + page.hash);
  keepPage(page);
  if (address === shown) return show({ ...page, address }, { key: entry, keepsPage: false });
  show(kept.take(address) ?? page, { url: address + page.hash });
}

// Rooms are kept; other pages are fetched again.
function leave(main, keepsPage) {
  scrolled.set(entry, main.scrollTop);
  const title = document.title.replace(/^\(\d+\) /, "");
  if (keepsPage && main.querySelector("message-timeline"))
    kept.keep(shown, { main, title, address: shown });
}

// Returns the part of a page that the address names. The timeline goes to its messages itself.
function partNamedIn(main) {
  const id = location.hash.slice(1);
  if (!id || main.querySelector("message-timeline")) return null;
  return main.querySelector(`[id="${CSS.escape(id)}"]`);
}

// A room's composer has taken the focus already. Screen readers say where one is.
function moveFocus(main, title, part) {
  document.querySelector(".page-status").textContent = title;
  if (main.contains(document.activeElement)) return;
  const first = part ?? main.querySelector("[data-wants-focus]") ?? main;
  if (first === main || first === part) first.tabIndex = -1;
  first.focus({ preventScroll: true });
}

function noteEntry(key) {
  wantNothingElse();
  entry = key ?? newKey();
  if (!key) history.replaceState({ ...history.state, key: entry }, "");
  document.dispatchEvent(new Event("entry"));
}

// Goes to a page, unless something else shows it.
function visit(url, from) {
  const asked = new CustomEvent("visit", { detail: { url, from }, cancelable: true });
  if (document.dispatchEvent(asked)) goTo(url);
}

function followLink(event) {
  const link = event.target.closest?.("a[href]");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey;
  if (event.defaultPrevented || !isPlain || event.shiftKey || event.altKey) return;
  if (!link || !isPage(link) || link.target || link.hasAttribute("download")) return;
  if (link.hash && addressOf(link) === shown) return; // a place on this page
  event.preventDefault();
  visit(new URL(link.href), link);
}

// A form that only asks for a page: a search.
function followForm(event) {
  const { target: form, submitter } = event;
  const url = new URL(form.action);
  if (event.defaultPrevented || form.method !== "get" || !isPage(url)) return;
  event.preventDefault();
  url.search = new URLSearchParams(new FormData(form, submitter));
  visit(url, form);
}

function noteHover(link) {
  if (link === hovered) return;
  hovered = link;
  if (link) setTimeout(() => link === hovered && fetchAhead(link), HOVER);
}

function fetchAhead(link) {
  if (link && !navigator.connection?.saveData) requests.ahead(addressOf(link));
}

function roomLinkAt(target) {
  const link = target.closest?.('.sidebar a[href^="/rooms/"]');
  return link && addressOf(link) !== shown ? link : null;
}

function isPage({ origin, pathname }) {
  return origin === location.origin && !OTHER_FILES.test(pathname);
}

function addressOf({ pathname, search }) {
  return pathname + search;
}

function newKey() {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
}
