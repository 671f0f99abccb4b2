// What is being completed while somebody types: `@al…` a person, `:sm…` an emoji, `/to…` a command.

import { inTone, searchEmoji } from "./emoji_list.js";
import { isInCode } from "./formats.js";
import { isInFence } from "./line_breaks.js";
import { t } from "./translation.js";

const MENTION = /(?:^|[^\w/.@-])[@＠]([\p{L}\p{N}_.-]{0,32})$/u;
const EMOJI = /(?:^|[^\p{L}\p{N}_:：])([:：]([\p{L}\p{N}_+-]{2,32}))$/u;
const COMMAND = /^\/([a-z-]*)$/;
const BEFORE_EVERYBODY = 3; // members
const EVERYBODY = { username: "room", display_name: t("Everyone in this room") };

// Returns {kind: "person", "emoji" or "command", begun, start}: what is typed so far, and where its completion
// begins. Null where nothing is completed, as in code.
export function completionAt(text, place) {
  const before = text.slice(0, place);
  const command = before.match(COMMAND);
  if (command) return { kind: "command", begun: command[1], start: 1 };
  const person = before.match(MENTION);
  const emoji = person ? null : before.match(EMOJI);
  if (!person && !emoji) return null;
  if (isInFence(text, place) || isInCode(text, place)) return null;
  if (person) return { kind: "person", begun: person[1], start: place - person[1].length };
  return { kind: "emoji", begun: emoji[2], start: place - emoji[1].length };
}

// People of the room first (`inRoom`: MemberViews), then the others, who are marked `isAbsent`. To a bare
// `@`, everyone comes behind the first members, where the room has more than two. Nobody writes to a
// deactivated account, or to themselves (`me`: the id).
export function suggestedPeople(begun, inRoom, others, { me, most }) {
  const active = inRoom.filter(({ deactivated }) => !deactivated).map(({ user }) => user);
  const members = active.filter(({ id }) => id !== me);
  const ids = new Set([me, ...members.map(({ id }) => id)]);
  const absent = others.filter(({ id }) => !ids.has(id));
  if (!begun && active.length >= BEFORE_EVERYBODY)
    return members.toSpliced(BEFORE_EVERYBODY, 0, EVERYBODY).slice(0, most);
  const isForAll = begun && EVERYBODY.username.startsWith(begun.toLowerCase());
  return [
    ...members.slice(0, most),
    ...(isForAll ? [EVERYBODY] : []),
    ...absent.slice(0, most - members.length).map((user) => ({ ...user, isAbsent: true })),
  ];
}

// Returns [emoji, name] for the emoji whose names fit best. `recent`: what somebody used lately.
export function suggestedEmoji(begun, list, { tone, most, recent }) {
  return searchEmoji(list, begun, recent)
    .slice(0, most)
    .map((item) => inTone(item, tone));
}
