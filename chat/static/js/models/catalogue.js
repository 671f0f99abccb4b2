// The sentences of the page's language by their English ones; plural forms by the categories of
// Intl.PluralRules. English needs none. For another language the chat joins this module with that
// language's sentences (routes/static_files.py).

export const LANGUAGE = "en";
export const SENTENCES = {};
