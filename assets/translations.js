// The sentences of the page script in the browser's language: `words("…")`.
//
// `chat/web/http/index_page.py` puts CATALOGUES before this script: the sentences of each language by
// its tag. English is used for a language without a catalogue, and for a sentence that it lacks.
const words = (() => {
  "use strict";

  const tags = Object.keys(CATALOGUES);
  const kind = (tag) => tag.toLowerCase().split("-")[0];
  const like = (asked) =>
    tags.find((tag) => tag.toLowerCase() === asked.toLowerCase()) ??
    tags.find((tag) => kind(tag) === kind(asked));
  const tag = (navigator.languages ?? []).map(like).find(Boolean) ?? "en";

  document.documentElement.lang = tag;
  return (sentence) => CATALOGUES[tag][sentence] ?? sentence;
})();
