// Keeps what this page shows on the device, so that a reload without a connection shows it again
// (service_worker.js), and forgets it when it goes away.

import { connection } from "../models/connection.js";
import { copies } from "../models/my_copies.js";
import { getJson } from "./api.js";
import { reviewKept } from "./kept_rooms.js";
import { fetchPage } from "./page_fragments.js";

const WORKER = "/service-worker.js";
const GATHER = 1_000; // ms for which entries wait, to be written together
const RENEW_WITHIN = 30_000; // ms: not all devices fetch a page at the same moment
const REVIEW_WITHIN = 5_000; // ms: nor ask for what they missed
const FARTHEST = 300; // entries that a kept page lacks; with more it is loaded again

const waiting = new Map(); // room id -> entries
let timer;

// Must be called before anything changes the page: what is kept is what the server sent.
export function keepForOffline() {
  if (!copies || !navigator.serviceWorker) return;
  const main = document.querySelector("#main");
  if (main.hasAttribute("data-kept")) goOn(main);
  else whenIdle(keeper(main));
  connection.addEventListener("entry", ({ detail }) => noteEntries(detail.room_id, [detail]));
  connection.addEventListener("room:removed", ({ detail }) => copies.forgetRoom(detail.room_id));
  connection.addEventListener("hello", ({ detail }) => compare(detail));
}

// Notes what happened in a room, live or caught up.
export function noteEntries(roomId, entries) {
  if (!copies) return;
  if (entries.some(({ event }) => event === "message:deleted")) return void forgetDeleted(roomId);
  waiting.set(roomId, [...(waiting.get(roomId) ?? []), ...entries]);
  timer ??= setTimeout(writeEntries, GATHER);
}

// Keeps a page that was fetched as its main part.
export function keepPage({ address, text, main, isRefused }) {
  if (copies && !isRefused && mayKeep(main)) copies.keep(address, text, headSeqIn(main));
}

// Adds to a timeline what happened after its kept page.
export async function takeKept(element, timeline) {
  if (!element.closest("[data-kept]")) return;
  for (const entry of await copies.entriesOf(element.dataset.roomId)) timeline.take(entry);
}

// The frame of a kept page was made around another page; what it marks as current follows.
function goOn(main) {
  copies.continue(main.dataset);
  setTimeout(() => document.dispatchEvent(new CustomEvent("page", { detail: main })));
}

// Returns what keeps the page as it is now.
function keeper(main) {
  const { me, version } = main.dataset;
  const headSeq = headSeqIn(main);
  const isOwn = mayKeep(main);
  const root = document.documentElement.cloneNode(true);
  const copy = root.querySelector("#main");
  const title = root.querySelector("title");
  const text = title.outerHTML + copy.outerHTML;
  const explained = root.querySelector("template.absent-page").content.cloneNode(true);
  title.textContent = explained.querySelector("h1").textContent;
  copy.replaceChildren(explained);
  copy.dataset.place = "app";
  copy.dataset.roomId = "";
  const absent = title.outerHTML + copy.outerHTML;
  copy.replaceWith(document.createComment("main"));
  title.textContent = "";
  const frame = `<!doctype html>\n${root.outerHTML}`;
  const policy = document.querySelector("meta[name=policy]").content;
  return async () => {
    await copies.begin({ me, version, frame, absent, policy, files: filesOfPage() });
    if (!location.search && isOwn) copies.keep(location.pathname, text, headSeq);
    navigator.serviceWorker.register(WORKER).catch((error) => console.warn(error.message));
  };
}

// What the browser loaded for this page: the stylesheet, the scripts, the icons.
function filesOfPage() {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name.split("#")[0]);
  const files = `${location.origin}/static/`;
  return [...new Set(loaded.filter((name) => name.startsWith(files) && !name.endsWith(".map")))];
}

async function writeEntries() {
  timer = null;
  const rooms = [...waiting];
  waiting.clear();
  for (const [roomId, entries] of rooms)
    if (await copies.addEntries(roomId, entries)) renew(roomId);
}

// The kept page may contain what was deleted.
async function forgetDeleted(roomId) {
  waiting.delete(roomId);
  await copies.forgetRoom(roomId);
  renew(roomId);
}

function renew(roomId) {
  if (shownRoom() === roomId) setTimeout(fetchAgain, Math.random() * RENEW_WITHIN, roomId);
}

async function fetchAgain(roomId) {
  if (shownRoom() !== roomId) return;
  const page = await fetchPage(`/rooms/${roomId}`, { isAhead: true }).catch(() => null);
  if (page) keepPage(page);
}

// Connected (again): the kept rooms follow, and a page goes that stands for another one, or that lacks
// too much.
function compare({ rooms, next }) {
  const asking = { get: getJson, catchUp: entriesAfter, note: noteEntries, later };
  reviewKept(copies, { rooms, next }, asking).catch(warn); // the next hello tries again
  const main = document.querySelector("#main[data-kept]");
  if (!main) return;
  const head = rooms.find(({ room }) => room.id === main.dataset.roomId)?.head_seq;
  if (!(head - headSeqIn(main) < FARTHEST)) location.reload();
}

async function entriesAfter(roomId, after) {
  const answer = await connection.insist("room:catch_up", { room_id: roomId, after });
  return answer.entries;
}

function later(action) {
  setTimeout(() => action().catch(warn), Math.random() * REVIEW_WITHIN);
}

function warn(error) {
  console.warn(error.message);
}

function shownRoom() {
  return document.querySelector("#main").dataset.roomId;
}

// Not a room that somebody only looks into.
function mayKeep(main) {
  return !main.querySelector(".preview-scroll");
}

function headSeqIn(main) {
  return Number(main.querySelector("message-timeline")?.dataset.headSeq ?? 0);
}

function whenIdle(action) {
  const soon = globalThis.requestIdleCallback ?? setTimeout;
  if (document.readyState === "complete") soon(action);
  else addEventListener("load", () => soon(action), { once: true });
}
