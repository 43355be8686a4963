"""Emoji: the table of names, what is put in their place, and the list above the field."""

import time

import pytest

from chat.text import emoji
from chat.ui.autocomplete.shortcodes import shortcode_completions
from tests.conftest import NewUser

KNOWN_SHORTCODES = {
    "smile": "😄",
    "+1": "👍",
    "thumbsup": "👍",
    "tada": "🎉",
    "heart": "❤️",
    "joy": "😂",
    "100": "💯",
    "shrug": "🤷",
    "white_check_mark": "✅",
    "man-woman-girl": "👨‍👩‍👧",
    "flag-cn": "🇨🇳",
    "cn": "🇨🇳",
}


@pytest.mark.parametrize("name", KNOWN_SHORTCODES)
def test_common_shortcodes_map_to_their_emoji(name: str) -> None:
    found = emoji.emoji_by_shortcode(f":{name}:")
    assert found is not None
    assert found.char == KNOWN_SHORTCODES[name]


def test_emoji_table_is_complete_and_unambiguous() -> None:
    every = emoji.all_emoji()
    assert len(every) > 1800
    chars = [each.char for each in every]
    names = [name for each in every for name in each.shortcodes]
    assert len(set(chars)) == len(chars)
    assert len(set(names)) == len(names)
    assert all(each.shortcodes and each.label and each.chinese_label for each in every)
    for each in every:
        assert len(each.tones) in {0, 5}
        for char in (each.char, *each.tones):
            # Whatever the picker offers is a reaction, and stays one emoji.
            assert emoji.is_emoji(char), each.label
            assert emoji.emoji_by_char(char) == each
            assert emoji.is_emoji_only(char), each.label


# What was typed, and what is sent.
TYPED_AND_SENT = [
    ("hi :tada:", "hi 🎉"),
    (":tada::heart:", "🎉❤️"),
    ("好:tada:好", "好🎉好"),
    ("(:tada:)", "(🎉)"),
    (":nothing_of_ours:", ":nothing_of_ours:"),
    (":", ":"),
    ("::::::", "::::::"),
    (":tada", ":tada"),
    ("12:30:45", "12:30:45"),
    ("at 12:100:45", "at 12:100:45"),
    ("std::tada::x", "std::tada::x"),
    ("\\:tada:", "\\:tada:"),
    ("http://x:80/:tada:", "http://x:80/:tada:"),
    ("http://x/?a=:tada: :tada:", "http://x/?a=:tada: 🎉"),
    ("www.x.org/?:tada:", "www.x.org/?:tada:"),
    ("`:tada:` :tada:", "`:tada:` 🎉"),
    ("``a ` :tada:`` :tada:", "``a ` :tada:`` 🎉"),
    ("```\n:tada:\n```\n:tada:", "```\n:tada:\n```\n🎉"),
    ("```\n:tada:", "```\n:tada:"),
]


@pytest.mark.parametrize(("typed", "sent"), TYPED_AND_SENT)
def test_shortcodes_are_replaced_except_in_code_and_links(typed: str, sent: str) -> None:
    assert emoji.replace_shortcodes(typed) == sent


HOSTILE_TEXTS = {
    "colons": ":" * 30_000,
    "names": ":a" * 15_000,
    "beginnings": " :" * 15_000,
    "emoji": " :tada:" * 4_000,
    "runs": ":a:" * 10_000,
    "ticks": "`" * 30_000,
    "towers": " ".join("`" * n for n in range(240)),
    "links": "://" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_emoji_parsing_of_hostile_text_is_fast(name: str) -> None:
    emoji.emoji_by_shortcode("tada")
    bomb = HOSTILE_TEXTS[name]
    begun = shortcode_completions(emoji.EmojiPreferences).pattern
    took = []
    for _ in range(3):
        at = time.thread_time()
        emoji.replace_shortcodes(bomb)
        emoji.is_emoji_only(bomb)
        begun.search(bomb)
        took.append(time.thread_time() - at)
    assert min(took) < 0.05


@pytest.mark.parametrize(
    ("text", "large"),
    [
        ("😀", True),
        (" 👍🏽 👨‍👩‍👧‍👦\n🇨🇳 ", True),
        ("1️⃣❤️🏴󠁧󠁢󠁥󠁮󠁧󠁿", True),
        ("👩🏻‍❤️‍💋‍👩🏿", True),
        ("😀😀😀😀", False),
        ("hi 😀", False),
        ("你好", False),
        ("™", False),
        ("", False),
    ],
)
def test_message_of_one_to_three_emoji_is_large(text: str, large: bool) -> None:
    assert emoji.is_emoji_only(text) is large


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("tada", "🎉"),
        (":tada:", "🎉"),
        ("Red Heart", "❤️"),
        ("笑", "😄"),
        ("中国", "🇨🇳"),
        ("👍🏽", "👍"),
        ("thumbs", "👍"),
    ],
)
def test_emoji_search_finds_english_and_chinese_names(asked: str, first: str) -> None:
    assert first in [each.char for each in emoji.search_emoji(asked, 8)]
    assert emoji.search_emoji("x" * 10_000, 8) == emoji.search_emoji("  ", 8) == []


async def test_shortcodes_are_completed_while_typing(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.types("well :ta")
    await ann.until(lambda: "🎉" in ann.composer.completions or "🎉*" in ann.composer.completions)
    assert ann.sees(":tada:")
    await ann.composer.waits_for_completions("well :tad", "🎉*")
    await ann.page_script.presses("tab")
    await ann.composer.waits_for_text("well 🎉 ")
    await ann.composer.types("@Bob :hear")
    await ann.until(lambda: ann.composer.completions[:1] == ["❤️*"])
    await ann.composer.clicks_completion("❤️")
    await ann.composer.waits_for_text("@Bob ❤️ ")
    await ann.composer.sends()
    await bob.timeline.waits_for_message("@Bob ❤️ ")


@pytest.mark.parametrize("words", [":D", "12:30", "http://x:80/:ta", ":tada:", "\\:ta", "a:bc"])
def test_text_that_is_no_shortcode_opens_no_completion_list(words: str) -> None:
    assert shortcode_completions(emoji.EmojiPreferences).pattern.search(words) is None


@pytest.mark.parametrize("text", ["", "a", "1", "👍 ok", ":tada:", "\ud83d", "👍" * 20, "©a"])
def test_text_that_is_no_emoji_is_no_reaction(text: str) -> None:
    assert not emoji.is_emoji(text)


async def test_emoji_picker_inserts_and_lists_recently_used_emoji_first(new_user: NewUser) -> None:
    ann, other = await new_user("Ann"), await new_user("Bob")
    await ann.composer.types("see ")
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji[:2] == ["😀", "😃"])
    # A group at a time.
    assert len(ann.emoji_picker.emoji) < 200
    await ann.clicks("Flags")
    await ann.until(lambda: "🇨🇳" in ann.emoji_picker.emoji and "😀" not in ann.emoji_picker.emoji)
    await ann.emoji_picker.clicks("🇨🇳")
    await ann.composer.waits_for_text("see 🇨🇳")
    await ann.until(lambda: not ann.dialog.is_open)
    assert not ann.find("AlertDialog")
    await ann.clicks("Choose an emoji")
    await ann.emoji_picker.searches("挥手")
    await ann.emoji_picker.clicks("👋")
    await ann.composer.waits_for_text("see 🇨🇳👋")

    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji[:3] == ["👋", "🇨🇳", "😀"])
    await ann.emoji_picker.searches("no such thing")
    await ann.until(lambda: not ann.emoji_picker.emoji and ann.sees("There is no such emoji."))
    await ann.emoji_picker.searches("")
    await ann.until(lambda: ann.emoji_picker.emoji[:3] == ["👋", "🇨🇳", "😀"])
    await ann.dialog.clicks_tooltip("Skin tone")
    await ann.dialog.clicks_tooltip("Medium-dark skin")
    await ann.until(lambda: ann.emoji_picker.emoji[:2] == ["👋🏾", "🇨🇳"])
    await ann.dialog.closes()
    await ann.composer.types("see :wave:")
    await ann.composer.sends()
    await other.timeline.waits_for_message("see 👋🏾")

    # It is gone with the connection, and what was used is not.
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji)
    await ann.reloads()
    await ann.until(lambda: ann.composer.control is not None)
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji[:2] == ["👋🏾", "🇨🇳"])
    await other.clicks("Choose an emoji")
    await other.until(lambda: other.emoji_picker.emoji[:1] == ["😀"])


async def test_multi_codepoint_emoji_work_as_reactions(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("look")
    await bob.timeline.waits_for_message("look")
    for char in ("👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"):
        await bob.message_menu.reacts("look", char)
        await ann.timeline.waits_for_reaction("look", char)
    await bob.message_menu.opens("look")
    await bob.clicks("More emoji")
    await bob.until(lambda: bob.emoji_picker.emoji)
    field = bob.find("TextField", hint_text="Search, or paste an emoji")[-1]
    for words, char in ((":tada:", "🎉"),):
        await bob.fills(field, words)
        await bob.presses_enter(field)
        await ann.timeline.waits_for_reaction("look", char)
    # What was used comes first below the next one.
    await bob.until(lambda: not bob.dialog.is_open)
    await bob.message_menu.opens("look")
    await bob.until(
        lambda: (
            bob.message_menu.reaction_button("🎉") and bob.message_menu.reaction_button("👨‍👩‍👧‍👦")
        )
    )


async def test_shortcodes_outside_code_are_replaced_while_typing(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.types("well :tada: ")
    await ann.composer.waits_for_text("well 🎉 ")
    await ann.composer.types("`:tada: ")
    await ann.composer.waits_for_text("`:tada: ")
    await ann.composer.types("run `:tada:` :+1:")
    await ann.composer.sends()
    await bob.timeline.waits_for_message("👍")
    assert ":tada:" in bob.timeline.texts, "code stays as it is"
    await ann.composer.waits_for_text("")
    await ann.composer.starts_editing_last_message("run `:tada:` 👍")
    await ann.composer.types("run :heart:")
    await ann.composer.sends()
    await bob.timeline.waits_for_message("run ❤️")
    await ann.composer.waits_for_text("")
