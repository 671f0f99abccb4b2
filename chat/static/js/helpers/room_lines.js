// The lines about a room and its people among its messages: live, complete, in order.

import { connection } from "../models/connection.js";
import { dataOf, gather, inOrder, linesIn } from "../models/line_runs.js";
import { people } from "../models/people.js";
import { showPersonInLines, showRun } from "./line_view.js";
import { joinWithNeighbour } from "./neighbours.js";

export class RoomLines {
  #element;
  #timeline;
  #list;
  #lines = new Map(); // id -> LineView
  #labels = new Map(); // id of a person -> the name in the markup
  #first; // the window of the log of which the lines are here
  #end;
  #isWaiting = false; // some lines, for entries that are not here yet

  // `element` is the timeline on the page, `timeline` what it knows, `list` its MessageList.
  constructor(element, timeline, list) {
    this.#element = element;
    this.#timeline = timeline;
    this.#list = list;
    this.#first = timeline.firstSeq;
    this.#end = timeline.untilSeq;
    for (const { dataset } of this.#rows)
      for (const line of linesIn(dataset)) this.#lines.set(line.id, line);
    for (const { dataset, textContent } of element.querySelectorAll(".messages .room-line-person"))
      this.#labels.set(dataset.userId, textContent);
    timeline.addEventListener("window", () => this.#followWindow());
    timeline.addEventListener("advance", () => this.#isWaiting && this.show());
  }

  // As long as the timeline is on the page. Names may have changed while it was away.
  follow() {
    this.#renew();
    this.#element.listen(connection, "room:line", (event) => this.#take(event));
    this.#element.listen(people, "change", (person) => this.#showPerson(person));
  }

  // Asks for lines that were missed.
  async refresh() {
    const known = Math.max(0, ...this.#all.map(({ seq }) => seq));
    await this.#fetch(Math.max(this.#first, known), this.#end);
  }

  #renew() {
    const names = this.#container.querySelectorAll(".room-line-person");
    const ids = new Set([...names].map(({ dataset }) => dataset.userId));
    for (const id of ids) if (people.known(id)) this.#showPerson(people.known(id));
  }

  // Shows each run of lines at its place, and removes rows of which nothing is left.
  show() {
    this.#forgetOutside();
    const messages = this.#list.sent;
    const end = this.#list.unsent[0] ?? null;
    const rows = new Map(this.#rows.map((row) => [firstIdOf(row), row]));
    const runs = gather(
      this.#present,
      messages.map(({ dataset }) => Number(dataset.seq)),
    );
    let below = null; // the run that was shown before: from the last one up, it is known what follows
    for (const run of runs.reverse()) {
      const row =
        rows.get(run.lines[0].id) ?? this.#template("row").firstElementChild.cloneNode(true);
      rows.delete(run.lines[0].id);
      if (row.dataset.lines !== dataOf(run)) showRun(row, run, this.#look);
      this.#place(row, below?.slot === run.slot ? below.row : (messages[run.slot] ?? end));
      below = { slot: run.slot, row };
    }
    for (const row of rows.values()) this.#list.remove(row);
    this.#isWaiting = this.#all.some(({ seq }) => seq > this.#timeline.lastSeq);
  }

  // A live line waits until the entries before it are here.
  #take({ room_id: roomId, line }) {
    if (roomId !== this.#element.dataset.roomId) return;
    this.#store([line]);
    this.show();
  }

  #showPerson(person) {
    showPersonInLines(this.#container, person);
  }

  // More of the log is shown than before, or less.
  async #followWindow() {
    const { firstSeq, untilSeq } = this.#timeline;
    const [first, end] = [this.#first, this.#end];
    this.#first = firstSeq;
    this.#end = untilSeq;
    this.show();
    if (firstSeq >= end || untilSeq <= first) await this.#fetch(firstSeq, untilSeq);
    else if (firstSeq < first) await this.#fetch(firstSeq, first);
    else if (untilSeq > end) await this.#fetch(end, untilSeq);
  }

  async #fetch(after, before) {
    const { roomId: room_id } = this.#element.dataset;
    const end = before === Infinity ? {} : { before };
    try {
      const { lines } = await connection.send("room:lines", { room_id, after, ...end });
      this.#store(lines);
      this.show();
    } catch (error) {
      console.warn(error.message); // the next hello asks again
    }
  }

  #store(lines) {
    for (const line of lines) {
      this.#lines.set(line.id, line);
      for (const person of [line.actor, line.user]) if (person) people.store(person);
    }
  }

  #place(row, next) {
    if (row.isConnected && row.nextElementSibling === next) return;
    const left = row.nextElementSibling;
    this.#container.insertBefore(row, next);
    for (const each of [left, row, next]) if (each?.isConnected) joinWithNeighbour(each);
  }

  get #container() {
    return this.#element.querySelector(".messages");
  }

  get #rows() {
    return [...this.#container.querySelectorAll(":scope > .room-line")];
  }

  get #all() {
    return [...this.#lines.values()];
  }

  // Those of which the entries before them are here.
  get #present() {
    return this.#all.filter(({ seq }) => seq <= this.#timeline.lastSeq).sort(inOrder);
  }

  // When the window grows again, they are fetched again.
  #forgetOutside() {
    const { firstSeq, untilSeq } = this.#timeline;
    for (const { id, seq } of this.#all)
      if (seq < firstSeq || seq >= untilSeq) this.#lines.delete(id);
  }

  // What line_view.js needs besides a run.
  get #look() {
    return {
      sentences: this.#template("sentences"),
      names: this.#template("names"),
      room: `/rooms/${this.#element.dataset.roomId}`,
      labels: this.#labels,
    };
  }

  #template(name) {
    return this.#element.querySelector(`:scope > .room-line-${name}`).content;
  }
}

function firstIdOf({ dataset }) {
  return dataset.lines.split(",")[0];
}
