// Lets a field grow with its text in browsers whose stylesheets cannot (`field-sizing`).

export function growWithText(field) {
  if (CSS.supports("field-sizing", "content") || !field.checkVisibility()) return;
  field.style.height = "auto";
  const borders = field.offsetHeight - field.clientHeight;
  field.style.height = `${field.scrollHeight + borders}px`;
}
