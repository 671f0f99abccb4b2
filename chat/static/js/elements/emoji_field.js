// A field for one emoji, with a button that opens the picker.

export class EmojiField extends HTMLElement {
  connectedCallback() {
    const [field, button] = this.querySelectorAll("input, .emoji-field-open");
    button.hidden = false;
    button.onclick = () => document.querySelector("emoji-picker").openToFill(field);
  }
}
