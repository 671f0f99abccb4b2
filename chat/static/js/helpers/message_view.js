// Fills a copy of _message.html with a message, exactly as the server does.

import { labelOf, nameOf, people } from "../models/people.js";
import { DELETED, excerptOf } from "./excerpts.js";
import { keepFocus } from "./kept_focus.js";
import { measures } from "./measures.js";
import { showFold } from "./message_fold.js";
import { sentHtml } from "./message_parts.js";
import { showText } from "./shown_text.js";
import { showStatus } from "./status_view.js";
import { showTime } from "./time.js";
import { t } from "../models/translation.js";

// One to three emoji: with skin tones, joined to families and jobs, flags, and digits on keys.
const SIGN = String.raw`\p{ExtPict}[\p{EMod}\uFE0F]*`;
const EMOJI = String.raw`\p{RI}{2}|[\d#*]\uFE0F?\u20E3|${SIGN}(?:\u200D${SIGN})*[\u{E0020}-\u{E007F}]*`;
const FEW_EMOJI = new RegExp(String.raw`^(?:(?:${EMOJI})\s*){1,3}$`, "u");

// `templates` has the elements of a picture and of a reaction, `me` is one's own id, `room` the path
// of the room.
export function showMessage(element, message, look) {
  keepFocus(element, () => fill(element, message, look));
}

function fill(element, message, { templates, me, room }) {
  const wasWritten = element.dataset.clientId && !element.dataset.seq; // here, just now
  element.classList.remove("message-pending", "message-failed");
  element.querySelector(".message-state").hidden = true;
  delete element.dataset.state;
  element.id = `message-${message.seq}`;
  Object.assign(element.dataset, {
    id: message.id,
    seq: message.seq,
    version: message.version,
    clientId: message.client_id,
    authorId: message.author.id,
    createdAt: message.created_at,
  });
  element.classList.toggle("message-deleted", Boolean(message.deleted_at));
  element.classList.toggle("message-of-app", message.author.is_bot && !message.author.username);
  element.classList.toggle(
    "message-calls-me",
    message.author.id !== me && (message.mentions_room || message.mentions.includes(me)),
  );
  element.querySelector(".message-time").href = placeOf(room, message.seq);
  element.querySelector(".message-more").href = `${room}/messages/${message.id}`;
  showBody(element, message);
  showFold(element, message, templates.fold, wasWritten);
  markEmoji(element);
  showImages(element, message.images, templates.image);
  showAuthor(element, people.current(message.author));
  element.querySelector(".message-author").href = placeOfPerson(message.author, room);
  showPlaceOf(element.querySelector(".message-author"), people.current(message.author));
  showReply(element, message.reply_to, room);
  showReactions(element, message, { template: templates.reaction, me, room });
  element.querySelector(".message-pin").hidden = !message.pinned_at;
  element.querySelector(".message-edited").hidden =
    !message.edited_at || Boolean(message.deleted_at);
  showTime(element.querySelector(".message-time time"), message.created_at);
}

// Shows an unsent message as typed; the server's HTML replaces it.
export function showUnsentMessage(element, message, author, { templates, room }) {
  const typed = paragraph(message.body);
  const body = element.querySelector(".message-body");
  if (body.innerHTML !== typed) body.innerHTML = typed;
  markEmoji(element);
  showImages(element, message.images, templates.image);
  showAuthor(element, people.current(author));
  showReply(element, message.reply_to ?? null, room);
  showTime(element.querySelector(".message-time time"), message.written_at);
}

// Shows the message that this one answers: a ReplyView or a MessageView; null for none.
export function showReply(element, answered, room) {
  const link = element.querySelector(".message-reply");
  link.hidden = !answered;
  if (!answered) return;
  link.dataset.replyId = answered.id;
  link.href = placeOf(room, answered.seq);
  link.dataset.replyAuthorId = answered.author.id;
  const author = people.current(answered.author);
  showText(link.querySelector(".message-reply-author"), labelOf(author));
  showText(link.querySelector(".message-reply-excerpt"), excerptOf(answered));
}

// Shows a person's new name and picture in all messages of a list.
export function showPerson(list, person) {
  const id = CSS.escape(person.id);
  const theirs = list.querySelectorAll(`:scope > [data-author-id="${id}"]`);
  for (const element of theirs) {
    showAuthor(element, person);
    showPlaceOf(element.querySelector(".message-author"), person);
  }
  for (const link of list.querySelectorAll(`[data-reply-author-id="${id}"]`)) {
    showText(link.querySelector(".message-reply-author"), labelOf(person));
  }
}

// Lets a link that leads to a person lead to their new name; to nobody if there is none, as of an app.
function showPlaceOf(link, { username, erased }) {
  const [, query] = link.getAttribute("href")?.split("?") ?? [];
  if (erased || !username) link.removeAttribute("href");
  else if (query) link.href = `/people/${encodeURIComponent(username)}?${query}`;
}

// Shows a person's picture, or their initials.
export function showAvatar(avatar, { id, display_name: name, avatar_url: url }) {
  const others = [...avatar.classList].filter((each) => !each.startsWith("colour-"));
  avatar.className = [...others, `colour-${parseInt(id.slice(-2), 16) % measures.colours}`].join(
    " ",
  );
  const initials = name
    .split(/\s+/)
    .slice(0, /^[^\p{L}\p{N}]+(\s|$)/u.test(name) ? 1 : 2) // an emoji stands alone
    .map((word) => [...word][0])
    .join("")
    .toUpperCase();
  if (!url && avatar.textContent !== initials) showInitials(avatar, [...initials]);
  if (!url || avatar.querySelector("img")?.getAttribute("src") === url) return avatar;
  avatar.replaceChildren(avatarPicture(url));
  return avatar;
}

// A small circle has room for the first one only.
function showInitials(avatar, [first = "", ...others]) {
  const second = Object.assign(document.createElement("span"), { textContent: others.join("") });
  second.className = "avatar-second";
  avatar.replaceChildren(first, ...(others.length ? [second] : []));
}

export function placeOf(room, seq) {
  return `${room}?around=${seq}#message-${seq}`;
}

// `room`: the path of the room from which somebody looks at the person.
export function placeOfPerson({ username }, room) {
  return `/people/${encodeURIComponent(username)}?room=${room.split("/").at(-1)}`;
}

function showBody(element, { body_html: html, deleted_at: deletedAt }) {
  const body = element.querySelector(".message-body");
  if (deletedAt)
    body.replaceChildren(
      Object.assign(document.createElement("p"), {
        className: "message-gone",
        textContent: DELETED,
      }),
    );
  else if (sentHtml(body) !== html) body.innerHTML = html; // made safe by the server
}

// A few emoji and nothing else are shown large.
function markEmoji(element) {
  const [first, second] = element.querySelector(".message-body").childNodes;
  const isText = Boolean(first) && !second && !first.childElementCount;
  element.classList.toggle("message-emoji-only", isText && FEW_EMOJI.test(first.textContent));
}

function showImages(element, images, template) {
  const shown = element.querySelector(".message-images");
  const isSame = ({ href }, i) => href === new URL(images[i].url, location).href;
  if (shown.children.length === images.length && [...shown.children].every(isSame)) return;
  shown.replaceChildren(
    ...images.map((image) => {
      const link = template.cloneNode(true);
      const thumbnail = link.querySelector(".message-image-thumbnail");
      link.href = image.url;
      link.querySelector(".message-image-placeholder").src = image.placeholder;
      const isSmall = Math.max(image.width, image.height) < measures.mostSmall;
      link.classList.toggle("message-image-small", isSmall);
      Object.assign(thumbnail, {
        ...fitted(image),
        alt: image.alt || t("Picture"),
        src: image.thumbnail_url,
      });
      return link;
    }),
  );
}

function showAuthor(element, author) {
  showAvatar(element.querySelector(".message-avatar"), author);
  showText(element.querySelector(".message-author"), nameOf(author));
  const username = element.querySelector(".message-username");
  username.hidden = !author.shows_username;
  showText(username, `@${author.username}`);
  element.querySelector(".app-badge").hidden = !author.is_bot;
  showStatus(element.querySelector(".person-status"), author);
}

// Those that stay are the same elements, so that a focused one keeps the focus.
function showReactions(element, { id, reactions }, { template, me, room }) {
  const group = element.querySelector(".message-reactions");
  const shown = new Map([...group.children].map((button) => [button.value, button]));
  const stays = new Set(reactions.map(({ emoji }) => emoji));
  for (const [emoji, button] of shown) if (!stays.has(emoji)) button.remove();
  reactions.forEach(({ emoji, user_ids: userIds }, place) => {
    const button = shown.get(emoji) ?? template.cloneNode(true);
    const isMine = userIds.includes(me);
    Object.assign(button, {
      name: isMine ? "off" : "on",
      value: emoji,
      formAction: `${room}/messages/${id}/react`,
    });
    button.setAttribute("aria-pressed", isMine);
    showText(button.querySelector(".reaction-emoji"), emoji);
    showText(button.querySelector(".reaction-count"), String(userIds.length));
    nameReaction(button, userIds);
    if (group.children[place] !== button) group.insertBefore(button, group.children[place] ?? null);
  });
}

async function nameReaction(button, userIds) {
  const who = await people.list(userIds, measures.mostNames);
  button.title = who;
  showText(button.querySelector(".reaction-who"), ` ${who}`);
}

// The displayed size of a picture, so that nothing moves when it loads.
function fitted(image) {
  const { mostWidth, mostHeight, mostWide, mostTall } = measures;
  const width = Math.min(image.width, Math.max(mostWidth, mostWide * image.height));
  const height = Math.min(image.height, Math.max(mostHeight, mostTall * image.width));
  const scale = Math.min(1, mostWidth / width, mostHeight / height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

function avatarPicture(url) {
  return Object.assign(document.createElement("img"), {
    className: "avatar-picture",
    src: url,
    alt: "",
    width: 96,
    height: 96,
  });
}

// As the server writes plain text, so that most texts stay when its HTML comes.
function paragraph(text) {
  if (!text) return "";
  const element = document.createElement("p");
  text
    .split("\n")
    .forEach((line, i) => element.append(...(i ? [document.createElement("br"), line] : [line])));
  return element.outerHTML;
}
