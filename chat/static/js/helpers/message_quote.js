// Questions about a message, which they quote; the macro `quote` of _question.html shows the same.

import { plural } from "../models/translation.js";
import { excerptIn } from "./excerpts.js";

// `message`: the element that shows it.
export function showQuote(dialog, message) {
  const show = (part, text) => {
    dialog.querySelector(`.question-quote-${part}`).textContent = text;
  };
  const images = [...message.querySelectorAll(".message-image-thumbnail")];
  show("author", message.querySelector(".message-author").textContent);
  show("excerpt", excerptIn(message.querySelector(".message-body")));
  show("images", images.length ? plural("1 picture", "{count} pictures", images.length) : "");
  const image = dialog.querySelector(".question-quote-image");
  image.hidden = !images.length;
  if (images.length) image.src = images[0].src;
}

// Closes the dialog at any answer; `confirm` is called at a yes.
export function listenToAnswer(dialog, confirm) {
  dialog.addEventListener("click", ({ target }) => {
    if (target.matches(".question-yes, .question-no")) dialog.close();
    if (target.matches(".question-yes")) confirm();
  });
}
