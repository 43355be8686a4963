// What the page's own scripts say, in the browser's language: `words("Try again")`.
//
// `chat/web/http/index_page.py` puts CATALOGUES before it, the sentences of each language by its tag. A language
// that has no catalogue, or a sentence that is not in it, is said in English.
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
