// Measures by which pages are laid out; routes/pages/measures.py has them.

export const measures = JSON.parse(document.querySelector("template.measures").content.textContent);
