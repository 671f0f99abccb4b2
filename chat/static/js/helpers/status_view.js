// Shows a person's status in a copy of its markup; `person_status` in _form.html does the same.

// `status`: {emoji, text, until}; none hides it.
export function showStatus(element, { id, status }) {
  if (id) element.dataset.userId = id;
  element.hidden = !status;
  if (!status) {
    for (const name of ["data-until", "title"]) element.removeAttribute(name);
    element.textContent = "";
    return;
  }
  element.dataset.until = status.until ?? "";
  element.title = status.text || status.emoji;
  element.textContent = status.emoji;
}

// Returns the status that the markup shows, or null.
export function statusIn({ hidden, title, textContent: emoji, dataset: { until } }) {
  return hidden ? null : { emoji, text: title === emoji ? "" : title, until: until || null };
}
