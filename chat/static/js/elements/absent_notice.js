// Shows above the composer whom a sent message names, though they are not in the room.

import { getJson } from "../helpers/api.js";
import { LiveElement } from "../helpers/live_element.js";
import { namesNobody } from "../models/absent.js";
import { outbox } from "../models/my_outbox.js";
import { t } from "../models/translation.js";

const MOST_NAMES = 3; // looked up for one message

export class AbsentNotice extends LiveElement {
  enter() {
    this.listen(outbox, "sent", (message) => this.#look(message));
  }

  prepare() {
    this.querySelector(".absent-ignore").addEventListener("click", () => (this.hidden = true));
  }

  async #look(message) {
    const { me } = document.querySelector("#main").dataset;
    if (message.room_id !== this.dataset.roomId || message.author.id !== me) return;
    this.hidden = true;
    const names = namesNobody(textOf(message.body_html)).slice(0, MOST_NAMES);
    const found = await Promise.all(names.map(find));
    const absent = found.find(Boolean);
    if (absent) this.#show(absent);
  }

  #show({ username, display_name: name }) {
    this.querySelector(".absent-text").textContent = t(
      "{name} isn’t in this room, so this does not reach them.",
      { name },
    );
    const add = this.querySelector(".absent-add");
    if (add) add.href = `${this.dataset.members}?q=${encodeURIComponent(username)}#people-q`;
    this.hidden = false;
  }
}

// The text outside of code, links and mentions.
function textOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of template.content.querySelectorAll("code, a, .mention"))
    element.replaceWith(" ");
  for (const element of template.content.querySelectorAll("br, p, li, td")) element.append(" ");
  return template.content.textContent;
}

// Without an answer there is no notice; the message has arrived in any case.
async function find(name) {
  const answer = await getJson(`/users?q=${encodeURIComponent(name)}`).catch(() => ({ users: [] }));
  return answer.users.find(({ username }) => username.toLowerCase() === name);
}
