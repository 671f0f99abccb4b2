// Fills a copy of the row of _line.html with a run of lines, exactly as the server does.

import { labelOf, people } from "../models/people.js";
import { dataOf, formOf, peopleOf } from "../models/line_runs.js";
import { placeOf } from "./message_view.js";
import { showTime } from "./time.js";

// `sentences` and `names` are the templates' content, `room` is the path of the room, and labels.get(id)
// is the name of a person of whom nothing else is known.
export function showRun(row, run, { sentences, names, room, labels }) {
  const [first] = run.lines;
  Object.assign(row.dataset, {
    kind: first.kind,
    actorId: first.actor.id,
    createdAt: first.created_at,
    lines: dataOf(run),
  });
  const sentence = sentences.querySelector(`[data-form="${formOf(run)}"]`).cloneNode(true);
  fill(sentence, run, { room, labels, list: listed(run, names, labels) });
  row.querySelector(".room-line-text").replaceChildren(...sentence.childNodes);
  showTime(row.querySelector(".room-line-body time"), run.lines.at(-1).created_at);
}

// Shows a person's new name in the rows of a list.
export function showPersonInLines(list, person) {
  for (const name of list.querySelectorAll(
    `.room-line-person[data-user-id="${CSS.escape(person.id)}"]`,
  ))
    name.textContent = labelOf(person);
}

function fill(sentence, { lines }, { room, labels, list }) {
  const [{ actor, text, earlier, message_seq: seq }] = lines;
  const fillIn = (selector, content) =>
    sentence.querySelector(selector)?.replaceChildren(...content);
  const name = sentence.querySelector(".room-line-person");
  if (name) showName(name, actor, labels);
  fillIn(".room-line-people", list);
  fillIn(".room-line-new", [text]);
  fillIn(".room-line-old", [earlier]);
  const link = sentence.querySelector(".room-line-link");
  if (link) link.href = lines.length > 1 ? `${room}/pins` : placeOf(room, seq);
}

// The names of people, as nodes.
function listed(run, names, labels) {
  const { named, rest } = peopleOf(run);
  if (!named.length) return [];
  const pattern = names.querySelector(`[data-count="${rest ? "more" : named.length}"]`);
  const list = pattern.cloneNode(true);
  list.querySelectorAll(".room-line-person").forEach((name, i) => showName(name, named[i], labels));
  if (rest) list.querySelector(".room-line-rest").textContent = rest;
  return list.childNodes;
}

async function showName(name, person, labels) {
  name.dataset.userId = person.id;
  const known = people.known(person.id) ?? (person.username && person);
  name.textContent = known ? labelOf(known) : (labels.get(person.id) ?? "");
  if (!name.textContent) name.textContent = await people.name(person.id);
}
