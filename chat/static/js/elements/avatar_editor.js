// Chooses a profile picture, or the icon of the chat, and which part of it is shown. A file that this browser cannot decode
// is uploaded as it is: the server knows more formats, and takes the square in the middle.

import { sendJson } from "../helpers/api.js";
import { CropStage } from "../helpers/crop_stage.js";
import { LiveElement } from "../helpers/live_element.js";

const SIDE = 512; // px: twice the largest picture that the chat makes of it
const TYPE = "image/webp"; // a browser that cannot make it makes a PNG
const QUALITY = 0.92;

export class AvatarEditor extends LiveElement {
  #stage;

  prepare() {
    this.#stage = new CropStage(this.#dialog);
    this.#field.addEventListener("change", () => this.#choose());
    this.#dialog.addEventListener("close", () => this.#forget());
    const onClick = (button, action) =>
      this.#dialog.querySelector(button).addEventListener("click", action);
    onClick(".crop-save", () => this.#save());
    onClick(".question-no", () => this.#dialog.close());
  }

  leave() {
    this.#dialog.close();
  }

  async #choose() {
    const [file] = this.#field.files;
    if (!file) return;
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return this.#field.form.requestSubmit();
    this.#dialog.showModal();
    this.#stage.show(picture);
  }

  async #save() {
    const button = this.querySelector(".crop-save");
    button.disabled = true;
    this.#say("");
    try {
      const form = new FormData();
      form.append("image", await this.#stage.cut(SIDE, TYPE, QUALITY), "avatar");
      await sendJson("PUT", this.dataset.path, form);
      this.#dialog.close();
      this.#say(this.dataset.saved);
      this.querySelector(".avatar-removal").hidden = false;
    } catch (error) {
      this.#say(error.message, true);
    }
    button.disabled = false;
  }

  // The same file may be chosen again.
  #forget() {
    this.#field.value = "";
    this.#stage.clear();
    this.#field.focus();
  }

  #say(text, isProblem = false) {
    this.querySelector(".crop-problem").textContent = isProblem ? text : "";
    this.querySelector(".avatar-status").textContent = isProblem ? "" : text;
  }

  get #field() {
    return this.querySelector("input[type=file]");
  }

  get #dialog() {
    return this.querySelector("dialog.crop");
  }
}
