// Fetches older and newer messages of a room into its timeline, a page at a time.

import { people } from "../models/people.js";
import { getJson } from "./api.js";
import { keepFocus } from "./kept_focus.js";
import { joinWithNeighbour } from "./neighbours.js";

export class HistoryPages {
  #element;
  #timeline;
  #list;
  #isFetching = false;
  #asked = 0; // how often pages were asked for; only the answer to the latest is shown

  // `element` is the timeline on the page, `timeline` what it knows, `list` its MessageList.
  constructor(element, timeline, list) {
    this.#element = element;
    this.#timeline = timeline;
    this.#list = list;
  }

  // Resolves to whether messages are shown that were not before.
  async fetchEarlier() {
    if (this.#isFetching || this.#element.dataset.hasBefore !== "true") return false;
    const { firstSeq } = this.#timeline;
    return this.#try(`?before=${firstSeq}`, (page) => {
      if (this.#timeline.firstSeq === firstSeq) this.#prepend(page); // else the earliest were let go of meanwhile
    });
  }

  // Likewise; only a page of the past has any.
  async fetchLater() {
    if (this.#isFetching || this.#timeline.isPresent) return false;
    return this.#try(`?after=${this.#timeline.untilSeq}`, (page) => this.#append(page));
  }

  // Goes to the newest messages. What lies between is left out: scrolling up fetches it. Resolves to
  // whether they are shown: not if the reader goes elsewhere meanwhile.
  fetchPresent() {
    return this.#replace("", ({ messages, has_before: hasBefore }) =>
      hasBefore ? messages[0].seq : 0,
    );
  }

  // Likewise to the messages after `seq`; scrolling down fetches what lies between.
  fetchAfter(seq) {
    return this.#replace(`?after=${seq}`, ({ has_before: hasBefore }) => (hasBefore ? seq + 1 : 0));
  }

  // If there are more than `most` messages, leaves out the oldest until `fewer` are here; scrolling up
  // fetches them again.
  forgetEarliest(most, fewer) {
    const elements = this.#removable(most);
    if (!elements.length) return;
    const [first] = elements.slice(-fewer);
    for (const element of elements.slice(0, -fewer)) element.remove();
    this.#timeline.forgetBefore(Number(first.dataset.seq));
    joinWithNeighbour(first);
    this.#showBeginning(true);
  }

  // Likewise the newest: then this is a page of the past.
  forgetLatest(most, fewer) {
    const elements = this.#removable(most);
    if (!elements.length) return;
    const unsent = elements.at(-1).nextElementSibling;
    for (const element of elements.slice(fewer)) element.remove();
    this.#timeline.forgetAfter(Number(elements[fewer - 1].dataset.seq));
    if (unsent) joinWithNeighbour(unsent);
    this.#showEnd(true);
  }

  // All sent messages, if they are more than `most` and nobody is editing one of them.
  #removable(most) {
    const elements = this.#list.elements.filter(({ dataset }) => dataset.seq);
    const isEdited = elements.some((element) => element.querySelector("message-editor"));
    return elements.length <= most || isEdited ? [] : elements;
  }

  // Where it fails, the link stays, and scrolling asks again.
  async #try(query, show) {
    try {
      return await this.#load(query, show);
    } catch (error) {
      console.warn(error.message);
      return false;
    }
  }

  // Resolves to whether the page is shown: not if another one was asked for meanwhile. Otherwise what
  // lies between the two would be missing.
  async #load(query, show) {
    const number = ++this.#asked;
    this.#setFetching(true);
    try {
      const page = await this.#fetch(query);
      if (number !== this.#asked) return false;
      show(page);
      return true;
    } finally {
      if (number === this.#asked) this.#setFetching(false);
    }
  }

  // Screen readers do not read out what is fetched: it is no news.
  #setFetching(isFetching) {
    this.#isFetching = isFetching;
    this.#element.querySelector(".messages").ariaBusy = isFetching;
  }

  async #fetch(query) {
    const page = await getJson(`/rooms/${this.#element.dataset.roomId}/messages${query}`);
    for (const { author } of page.messages) people.store(author);
    return page;
  }

  // firstSeqOf(page) -> the first seq of the log that the page covers
  #replace(query, firstSeqOf) {
    return this.#load(query, (page) => {
      this.#list.removeSent();
      this.#showFrom(firstSeqOf(page), page);
    });
  }

  // On a page of the past the timeline forgets the newer messages that it knew until now.
  #showFrom(firstSeq, { messages, has_before: hasBefore, has_after: hasAfter }) {
    const untilSeq = hasAfter ? messages.at(-1).seq : Infinity;
    for (const message of this.#timeline.merge(messages, firstSeq, untilSeq))
      this.#showNewer(message);
    if (hasAfter) this.#timeline.forgetAfter(untilSeq);
    this.#showBeginning(hasBefore);
    this.#showEnd(hasAfter);
  }

  #prepend({ messages, has_before: hasBefore }) {
    this.#showBeginning(hasBefore);
    for (const message of this.#timeline.merge(messages, hasBefore ? messages[0].seq : 0))
      this.#list.show(message);
  }

  #append({ messages, has_after: hasAfter }) {
    const untilSeq = hasAfter ? messages.at(-1).seq : Infinity;
    for (const message of this.#timeline.merge(messages, this.#timeline.firstSeq, untilSeq))
      this.#showNewer(message);
    this.#showEnd(hasAfter);
  }

  // What was written here may be fetched before the outbox learns that it has arrived.
  #showNewer(message) {
    this.#list.show(message, this.#list.unsentElementOf(message) ?? this.#list.copy());
  }

  #showBeginning(hasBefore) {
    this.#element.dataset.hasBefore = hasBefore;
    this.#showLink(this.#element.querySelector(".timeline-more"), hasBefore);
    this.#element.querySelector(".timeline-begin").hidden = hasBefore;
  }

  #showEnd(hasAfter) {
    this.#element.dataset.hasAfter = hasAfter;
    this.#showLink(this.#element.querySelector(".timeline-later").parentElement, hasAfter);
  }

  #showLink(line, isShown) {
    const scroll = this.#element.querySelector(".timeline-scroll");
    keepFocus(line, () => (line.hidden = !isShown), scroll);
  }
}
