// Measures of the layout, from routes/pages/measures.py.

export const measures = JSON.parse(document.querySelector("template.measures").content.textContent);
