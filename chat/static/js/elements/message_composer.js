// Where messages are written. Each gets a client_id before it goes into the outbox, so that sending it again posts it once.

import { outbox } from "../models/my_outbox.js";
import { getJson } from "../helpers/api.js";
import { ComposerContext } from "../helpers/composer_context.js";
import { excessOf, showCount } from "../helpers/composer_count.js";
import { ComposerTools } from "../helpers/composer_tools.js";
import { ComposerUploads } from "../helpers/composer_uploads.js";
import { Draft } from "../helpers/drafts.js";
import { growWithText } from "../helpers/growing_field.js";
import { focusOnceLoaded, hasKeyboard } from "../helpers/keyboards.js";
import { LiveElement } from "../helpers/live_element.js";
import { showMute } from "../helpers/mutes.js";
import { newMessage } from "../helpers/new_message.js";
import { onDemand } from "../helpers/on_demand.js";
import { RefusedFiles } from "../helpers/refused_files.js";
import { typeAnywhereInto } from "../helpers/typing_anywhere.js";
import { TypingSignal } from "../helpers/typing_signal.js";
import { listenToWriting } from "../helpers/writing_keys.js";
import { editInPlace } from "./message_editor.js";
import { t } from "../models/translation.js";

const COMMAND = /^\/\/?[a-z][a-z-]*( |$)/; // the server knows which of these are commands

export class MessageComposer extends LiveElement {
  #form;
  #body;
  #timeline;
  #draft;
  #context;
  #uploads;
  #refused;
  #resumed; // resolves once it is known what the page was opened to answer
  #isWaiting = false; // for pictures that are on their way
  #typing;

  prepare() {
    this.#form = this.querySelector("form");
    this.#body = this.querySelector("textarea");
    this.#timeline = document.querySelector("message-timeline");
    this.#draft = new Draft(document.querySelector("#main").dataset.me, this.dataset.roomId);
    this.#context = new ComposerContext(this);
    listenToWriting(this.#body); // before the uploads: an address that becomes a link is pasted then
    this.#uploads = new ComposerUploads(this);
    this.#refused = new RefusedFiles(this);
    this.#typing = new TypingSignal(this.dataset.roomId);
    this.#body.value ||= this.#draft.text; // never live: what another tab writes stays there
    this.#listenToPerson();
    this.#listenToTimeline();
    this.#resumed = this.#resumeAnswer();
    this.#allowSending();
  }

  enter() {
    this.#context.follow(this.staySignal);
    this.#uploads.follow(this.staySignal);
    typeAnywhereInto(this.#body, this.staySignal);
    if (hasKeyboard()) focusOnceLoaded(this.#body);
  }

  // Adds what somebody shared with the chat, after what is written here already. They send it.
  add({ text, files }) {
    this.#setText([this.#body.value.trimEnd(), text].filter(Boolean).join("\n"));
    this.#draft.keep(this.#body.value);
    if (files.length) this.#uploads.add(files);
    this.#body.focus();
  }

  #listenToPerson() {
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#uploads.addEventListener("change", () => this.#followUploads());
    this.#uploads.addEventListener("refused", ({ detail }) => this.#refused.show(detail));
    this.#uploads.addEventListener("choice", () => this.#noteChoice());
    this.#body.addEventListener("input", () => this.#noteInput());
    this.addEventListener("input", () => this.#wait(false));
    this.#body.addEventListener("keydown", (event) => this.#reviseLast(event));
    new ComposerTools(this);
    this.addEventListener("keydown", (event) => event.key === "Escape" && this.#cancel(event));
    const onClick = (selector, action) =>
      this.querySelector(selector).addEventListener("click", action);
    onClick(".composer-context-cancel", (event) => this.#cancel(event));
    onClick(".composer-waiting-cancel", (event) => this.#cancel(event));
  }

  #listenToTimeline() {
    const on = (name, action) =>
      this.#timeline.addEventListener(name, ({ detail }) => action(detail));
    on("retry", ({ client_id: clientId }) => this.#decide(outbox.retry(clientId)));
    on("discard", ({ client_id: clientId }) => this.#decide(outbox.discard(clientId)));
    on("edit", (unsent) => this.#takeBack(unsent));
    on("reply", (message) => this.#reply(message));
    on("revise", (message) => editInPlace(this.#timeline, message));
    on("allowed", () => this.#showOrHide());
  }

  // A room is archived, or unarchived, while it is open: the draft stays.
  #showOrHide() {
    this.hidden = !this.#timeline.may("post");
    const { mute } = this.#timeline;
    document.querySelector(".composer-archived").hidden = !this.hidden || Boolean(mute);
    showMute(mute);
  }

  #noteInput() {
    this.#draft.keep(this.#body.value);
    this.#typing.report(Boolean(this.#body.value));
    this.#allowSending();
  }

  // Pictures were added or removed.
  #noteChoice() {
    this.#wait(false);
    this.#complain("");
  }

  async #submit(event) {
    event?.preventDefault();
    this.#wait(false);
    await Promise.all([this.#uploads.added, this.#resumed]);
    const body = this.#body.value.trimEnd();
    if (!body.trim() && this.#uploads.isEmpty) return;
    if (this.#isTooLong(body) || this.#hasFailedPictures()) return;
    if (this.#uploads.isAny("uploading")) return this.#wait(true);
    const { answered } = this.#context;
    if (COMMAND.test(body)) return this.#give(body);
    this.#setText("");
    this.#typing.end();
    this.#context.clear();
    this.#refused.show([]);
    if (event) this.#body.focus();
    const uploads = await this.#uploads.take();
    await this.#send(body, uploads, answered);
    this.#draft.replace(body, this.#body.value); // not before: the outbox has it now
  }

  // What is refused stays here.
  #give(text) {
    onDemand("command:give", {
      roomId: this.dataset.roomId,
      text,
      isAlone: !this.#context.answered && this.#uploads.isEmpty,
      complain: (problem) => this.#complain(problem),
      done: () => {
        if (this.#body.value.trimEnd() === text) this.#setText("");
        this.#typing.end();
        this.#draft.replace(text, this.#body.value);
      },
    });
  }

  // A message whose pictures are on their way is sent once they are here. Whatever its author does to
  // it meanwhile takes that back: they may be writing the next one already.
  #wait(isWaiting) {
    this.#isWaiting = isWaiting;
    this.querySelector(".composer-waiting-text").textContent = isWaiting
      ? t("Sends when uploaded")
      : "";
    this.querySelector(".composer-waiting-cancel").hidden = !isWaiting;
    this.classList.toggle("composer-waits", isWaiting);
  }

  #followUploads() {
    this.#allowSending();
    if (!this.#isWaiting || this.#uploads.isAny("uploading")) return;
    this.#submit(); // if one has failed, it says so
  }

  // Into the outbox, from where it is shown and sent. If this device cannot store it, the composer
  // gets all of it back.
  async #send(body, uploads, answered) {
    const images = uploads.map(({ image }) => image);
    try {
      await outbox.add(newMessage(this.dataset.roomId, body, images, answered));
    } catch (error) {
      this.#prepend(body);
      this.#uploads.putBack(uploads);
      if (answered) this.#context.answer(answered);
      return this.#complain(
        t("This browser could not store the message: {problem}", { problem: error.message }),
      );
    }
    if (!this.isConnected) return; // its pictures took longer than the visit
    try {
      await this.#timeline.goToThePresent();
    } catch (error) {
      console.warn(error.message); // the past stays shown; the message waits below it
    }
  }

  // The page of a message links here to answer it.
  async #resumeAnswer() {
    const { reply_to_id: field } = this.#form.elements;
    if (!field) return;
    try {
      this.#context.answer(await getJson(`/messages/${field.value}`));
    } catch (error) {
      this.#context.clear();
      this.#complain(error.message);
    }
  }

  #reply(message) {
    this.#context.answer(message);
    this.#body.focus();
  }

  // ArrowUp in an empty composer.
  #reviseLast(event) {
    if (event.key !== "ArrowUp" || this.#body.value || this.#context.answered) return;
    const element = this.#timeline.lastOwn;
    if (!element) return;
    event.preventDefault();
    editInPlace(this.#timeline, this.#timeline.message(element));
  }

  // Of two things the later one.
  #cancel(event) {
    if (!this.#context.answered && !this.#isWaiting) return;
    event.preventDefault();
    if (!this.#isWaiting) this.#context.clear();
    this.#wait(false);
    this.#complain("");
    this.#body.focus();
  }

  #hasFailedPictures() {
    const hasFailed = this.#uploads.isAny("failed");
    if (hasFailed) this.#complain(t("A picture was not uploaded. Remove it, or retry."));
    return hasFailed;
  }

  // A text that is too long stays in the composer, with the reason.
  #isTooLong(body) {
    const excess = excessOf(body, Number(this.dataset.longest));
    this.#complain(excess);
    return Boolean(excess);
  }

  #complain(problem) {
    const notice = this.querySelector(".composer-problem");
    notice.textContent = problem;
    notice.hidden = !problem;
  }

  // The button of the decision goes away, so the focus goes to the text.
  async #decide(done) {
    await done;
    this.#body.focus();
  }

  // An unsent message goes back into the composer.
  async #takeBack({ client_id: clientId, body, reply_to: answered }) {
    await outbox.discard(clientId);
    if (answered) this.#context.answer(answered);
    else this.#context.clear();
    this.#prepend(body);
  }

  #prepend(text) {
    this.#setText([text, this.#body.value].filter(Boolean).join("\n"));
    this.#draft.keep(this.#body.value);
    this.#body.focus();
  }

  #setText(text) {
    this.#body.value = text;
    this.#allowSending();
  }

  #allowSending() {
    const isSomething = Boolean(this.#body.value.trim()) || !this.#uploads.isEmpty;
    this.querySelector(".composer-send").disabled = !isSomething;
    growWithText(this.#body);
    showCount(this.querySelector(".composer-count"), this.#body.value, this.dataset.longest);
  }
}
