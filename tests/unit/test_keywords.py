"""Keywords: where they are found in a text, and what may be one."""

import time

import pytest

from chat.errors import BadKeyword
from chat.text.keywords import (
    KEYWORD_LIMIT,
    MAX_KEYWORD_TOKENS,
    MAX_KEYWORDS,
    KeywordIndex,
    validate_keywords,
)
from chat.text.message_text import TEXT_LIMIT

ANN, BOB = 1, 2

# A keyword, and texts that have it and do not have it.
TEXTS: dict[str, tuple[list[str], list[str]]] = {
    "deploy": (
        [
            "deploy",
            "Deploy!",
            "we DEPLOY it",
            "(deploy)",
            "pre-deploy",
            "ｄｅｐｌｏｙ",
            "de\u00adploy",
        ],
        ["deploys", "redeploy", "depl oy", "deploy_all", ""],
    ),
    "release plan": (["the Release\nplan", "release  plan"], ["release", "plan release", "a plan"]),
    "C++": (["c++", "in C++17"], ["c", "c+", "C#"]),
    "node.js": (["Node.js is"], ["node js", "nodejs"]),
    "straße": (["STRASSE", "Straße"], ["strass"]),
    "cafe\u0301": (["Café", "CAFE\u0301"], ["cafe", "cafés"]),
    "会议": (["明天会议在花园", "会议"], ["会", "议会"]),
    "हिन्दी": (["मैं हिन्दी बोलता"], ["हिन्द", "हि"]),
    "🎉": ([], []),
    "garden": (
        ["`x` garden", "the garden https://example.org"],
        ["`garden`", "```\ngarden\n```", "https://garden.example/garden", "ann@garden.example"],
    ),
}


@pytest.mark.parametrize(
    ("keyword", "text", "is_found"),
    [
        (keyword, text, is_found)
        for keyword, texts in TEXTS.items()
        for is_found, group in zip((True, False), texts, strict=True)
        for text in group
    ],
)
def test_keyword_is_found_as_a_whole_word_outside_of_code_and_addresses(
    keyword: str, text: str, is_found: bool
) -> None:
    index = KeywordIndex()
    index.set(ANN, (keyword,))
    assert index.people_with_keyword_in(text) == ({ANN} if is_found else set())


def test_index_finds_all_people_and_forgets_replaced_keywords() -> None:
    index = KeywordIndex()
    index.set(ANN, ("red rose", "rose garden"))
    index.set(BOB, ("red", "rose"))
    assert index.people_with_keyword_in("a red rose") == {ANN, BOB}
    assert index.people_with_keyword_in("the rose garden") == {ANN, BOB}
    index.set(BOB, ("red",))
    assert index.people_with_keyword_in("the rose garden") == {ANN}
    index.set(ANN, ())
    assert index.people_with_keyword_in("red rose garden") == {BOB}
    index.set(BOB, ())
    assert index.people_with_keyword_in("red rose garden") == set()


def test_stored_keywords_have_single_spaces_and_differ() -> None:
    assert validate_keywords([" release \n plan", "Release plan", "C++"]) == ("release plan", "C++")


@pytest.mark.parametrize(
    "keyword",
    ["", " ", "++", "\u200b", "x" * (KEYWORD_LIMIT + 1), "会" * (MAX_KEYWORD_TOKENS + 1)],
)
def test_keyword_without_a_letter_or_too_long_is_refused(keyword: str) -> None:
    with pytest.raises(BadKeyword):
        validate_keywords([keyword])


def test_longest_keyword_and_the_most_keywords_are_taken() -> None:
    assert len(validate_keywords(["x" * KEYWORD_LIMIT, "会" * MAX_KEYWORD_TOKENS])) == 2
    keywords = [f"word {number}" for number in range(MAX_KEYWORDS)]
    assert len(validate_keywords(keywords)) == MAX_KEYWORDS
    with pytest.raises(BadKeyword, match="Remove one first"):
        validate_keywords([*keywords, "one more"])


@pytest.mark.parametrize("unit", ["a ", "会", "a+", "क्ष"])
def test_keywords_of_many_people_take_little_time_for_the_longest_text(unit: str) -> None:
    index = KeywordIndex()
    longest = "".join(unit * MAX_KEYWORD_TOKENS).strip()[: MAX_KEYWORD_TOKENS * len(unit)]
    for person_id in range(2_000):
        index.set(person_id, (longest[: KEYWORD_LIMIT - 6] + f" {person_id}",))
    text = (unit * TEXT_LIMIT)[:TEXT_LIMIT]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        index.people_with_keyword_in(text)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05
