"""Emoji: the table of shortcodes, their replacement in texts, and the completion list."""

import time
from pathlib import Path

import pytest

from chat.text import emoji
from chat.text.emoji import COMMON_EMOJI
from chat.ui.autocomplete.shortcodes import shortcode_completions
from chat.ui.client.page_messages import FIELD_LIMIT
from tests.conftest import NewUser, running_chat
from tests.harness.control_tree import find_all
from tests.harness.domain import create_empty_database
from tests.harness.waiting import wait_until

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
    parsed = emoji.emoji_by_shortcode(f":{name}:")
    assert parsed is not None
    assert parsed.char == KNOWN_SHORTCODES[name]


def test_emoji_table_is_complete_and_unambiguous() -> None:
    all_emoji = emoji.all_emoji()
    assert len(all_emoji) > 1800
    chars = [each.char for each in all_emoji]
    names = [name for each in all_emoji for name in each.shortcodes]
    assert len(set(chars)) == len(chars)
    assert len(set(names)) == len(names)
    assert all(each.shortcodes and each.label and each.chinese_label for each in all_emoji)
    for each in all_emoji:
        assert len(each.tones) in {0, 5}
        for char in (each.char, *each.tones):
            # Each emoji of the picker is a valid reaction, and is shown large by itself.
            assert emoji.is_emoji(char), each.label
            assert emoji.emoji_by_char(char) == each
            assert emoji.is_emoji_only(char), each.label


# Typed texts, and the texts that are sent.
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
    "colons after spaces": " :" * 15_000,
    "emoji": " :tada:" * 4_000,
    "adjoining shortcodes": ":a:" * 10_000,
    "backticks": "`" * 30_000,
    "rising runs of backticks": " ".join("`" * n for n in range(240)),
    "links": "://" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_emoji_parsing_of_hostile_text_is_fast(name: str) -> None:
    emoji.emoji_by_shortcode("tada")
    text = HOSTILE_TEXTS[name]
    pattern = shortcode_completions(emoji.EmojiPreferences).pattern
    seconds = []
    for _ in range(3):
        started = time.thread_time()
        emoji.replace_shortcodes(text)
        emoji.is_emoji_only(text)
        pattern.search(text)
        seconds.append(time.thread_time() - started)
    assert min(seconds) < 0.05


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
    "text",
    [
        *("❤", "☺", "✌", "☀", "✔", "❤ ❤ ❤", "👁‍🗨", "🏳‍🌈", "🕵‍♂", "1⃣"),
        *(
            "👩🏻‍🤝‍👩🏿",
            "👩🏻‍🤝‍👨🏿",
            "👨🏻‍🤝‍👨🏿",
            "🧑🏻‍❤️‍🧑🏿",
            "🧑🏻‍❤‍🧑🏿",
            "🧑🏻‍❤️‍💋‍🧑🏿",
            "👩🏻‍❤️‍👨🏿",
            "🫱🏻‍🫲🏿",
        ),
        *("👍️", "👍🏽", "👩‍🤝‍👩"),
    ],
)
def test_each_form_of_an_emoji_is_large(text: str) -> None:
    assert emoji.is_emoji_only(text)


@pytest.mark.parametrize("text", ["©", "®", "™", "ℹ", "‼", "↔", "1", "#", "❤ you", "™️ ©"])
def test_sign_of_text_is_not_large(text: str) -> None:
    assert not emoji.is_emoji_only(text)


def test_emoji_with_and_without_selectors_have_one_form() -> None:
    for each in emoji.all_emoji():
        for char in (each.char, *each.tones):
            bare = char.replace("\ufe0f", "")
            assert emoji.canonical_emoji(char) == char
            assert emoji.canonical_emoji(bare) == char
            assert emoji.canonical_emoji(bare + "\ufe0f") == char
            assert emoji.canonical_emoji("\ufe0f".join(bare)) == char


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("🧑🏻‍❤‍🧑🏿", "🧑🏻‍❤️‍🧑🏿"),
        ("🧑🏻‍❤️‍💋‍🧑🏿", "🧑🏻‍❤️‍💋‍🧑🏿"),
        ("👩🏻‍❤‍👨🏿", "👩🏻‍❤️‍👨🏿"),
        ("👩🏻‍🤝‍👩🏿", "👩🏻‍🤝‍👩🏿"),
        ("👩‍🤝‍👩", "👭"),
        ("🫱🏻‍🫲🏿", "🫱🏻‍🫲🏿"),
        ("⚘", "⚘"),
        ("⚘\ufe0f", "⚘"),
    ],
)
def test_skin_tones_of_two_people_stay(typed: str, canonical: str) -> None:
    assert emoji.canonical_emoji(typed) == canonical
    assert emoji.is_emoji(canonical)


@pytest.mark.parametrize(
    ("query", "first"),
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
def test_emoji_search_finds_english_and_chinese_names(query: str, first: str) -> None:
    assert first in [each.char for each in emoji.search_emoji(query, 8)]
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


@pytest.mark.parametrize("text", [":D", "12:30", "http://x:80/:ta", ":tada:", "\\:ta", "a:bc"])
def test_text_that_is_no_shortcode_opens_no_completion_list(text: str) -> None:
    assert shortcode_completions(emoji.EmojiPreferences).pattern.search(text) is None


@pytest.mark.parametrize("text", ["", "a", "1", "👍 ok", ":tada:", "\ud83d", "👍" * 20, "©a"])
def test_text_that_is_no_emoji_is_no_reaction(text: str) -> None:
    assert not emoji.is_emoji(text)


async def test_emoji_picker_inserts_and_lists_recently_used_emoji_first(new_user: NewUser) -> None:
    ann, other = await new_user("Ann"), await new_user("Bob")
    await ann.composer.types("see ")
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji[:10] == [*COMMON_EMOJI, "😀", "😃"])
    # The picker shows one group at a time.
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
    await ann.until(lambda: ann.emoji_picker.emoji[:3] == ["👋", "🇨🇳", "👍"])
    await ann.emoji_picker.searches("no such thing")
    await ann.until(lambda: not ann.emoji_picker.emoji and ann.sees("There is no such emoji."))
    await ann.emoji_picker.searches("")
    await ann.until(lambda: ann.emoji_picker.emoji[:3] == ["👋", "🇨🇳", "👍"])
    await ann.dialog.clicks_tooltip("Skin tone")
    await ann.dialog.clicks_tooltip("Medium-dark skin")
    await ann.until(lambda: ann.emoji_picker.emoji[:2] == ["👋🏾", "🇨🇳"])
    await ann.dialog.closes()
    await ann.composer.types("see :wave:")
    await ann.composer.sends()
    await other.timeline.waits_for_message("see 👋🏾")

    # A reload closes the picker; the recently used emoji and the skin tone are stored.
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji)
    await ann.reloads()
    await ann.until(lambda: ann.composer.control is not None)
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji[:2] == ["👋🏾", "🇨🇳"])
    await other.clicks("Choose an emoji")
    await other.until(lambda: other.emoji_picker.emoji[:9] == [*COMMON_EMOJI, "😀"])


@pytest.mark.parametrize(("platform", "has_focus"), [("linux", True), ("android", False)])
async def test_picker_takes_the_focus_only_where_no_keyboard_would_hide_it(
    new_user: NewUser, platform: str, has_focus: bool
) -> None:
    ann = await new_user("Ann", platform=platform)
    await ann.page_script.presses_at(40, 600)
    await ann.clicks("Choose an emoji")
    field = await ann.waits_for_control("TextField", hint_text="Search, or paste an emoji")
    assert bool(field.get("autofocus")) is has_focus


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
    await bob.fills(field, ":tada:")
    await bob.presses_enter(field)
    await ann.timeline.waits_for_reaction("look", "🎉")
    # The emoji used last are the first reactions in the menu of a message.
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


async def test_pasted_shortcodes_become_emoji_at_once(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.types(":heart: :tada::nothing: `:tada:` x:80:tada: :+1: and ")
    await ann.composer.waits_for_text("❤️ 🎉:nothing: `:tada:` x:80:tada: 👍 and ")
    text = ":a: :tada: :heart: " * 105
    await ann.composer.types(text)
    await ann.composer.waits_for_text(emoji.replace_shortcodes(text))
    await ann.composer.sends()
    await bob.timeline.waits_for_message(emoji.replace_shortcodes(text))


@pytest.mark.parametrize(
    "pasted", [":a: ", ":tada: ", ":tada:", "`:tada: ", "1.", "@a ", "``` ", " "]
)
async def test_key_in_a_full_field_leaves_the_loop_to_others(
    new_user: NewUser, pasted: str
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.types("warm :up: ")
    started = time.process_time()
    # 2,000 shortcodes.
    await ann.composer.types((pasted * FIELD_LIMIT)[: min(FIELD_LIMIT - 4, len(pasted) * 2_000)])
    for number, key in enumerate("x: "):
        await ann.composer.types(ann.composer.text + key)
        await bob.composer.posts(f"well {number}")
    await ann.timeline.waits_for_message("well 2")
    # Four texts of up to 30,000 characters pass through client, socket and server, and three
    # messages to two people. 2,000 shortcodes alone took 2.5 s.
    assert time.process_time() - started < 1.0


async def test_text_longer_than_the_field_is_kept_and_not_read(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    text = ":tada: " * FIELD_LIMIT
    text = text[: 3 * FIELD_LIMIT]
    await ann.composer.types(text)
    await ann.waits_for_text("The field is full. Send a part of this first.")
    assert ann.composer.text == text


async def test_picker_is_above_or_below_the_button_that_opened_it(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.page_script.presses_at(700, 760)
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji)
    picker = ann.dialog.control
    assert picker is not None
    assert picker["alignment"] == {"x": -1.0, "y": 1.0}
    assert picker["inset_padding"]["bottom"] == 800 - 760 + 26, "the button stays visible"
    assert picker["inset_padding"]["left"] + 344 / 2 == 700
    assert picker["barrier_color"] == "transparent"
    await ann.emoji_picker.picks("🎈")
    await ann.composer.posts("look")
    await ann.timeline.waits_for_message("look")
    await ann.message_menu.opens("look")
    await ann.page_script.presses_at(900, 100)
    await ann.clicks("More emoji")
    await ann.until(lambda: ann.emoji_picker.emoji)
    picker = ann.dialog.control
    assert picker is not None
    assert picker["alignment"] == {"x": -1.0, "y": -1.0}
    assert picker["inset_padding"]["top"] == 126


async def test_picker_on_a_phone_is_a_sheet_and_opens_no_keyboard(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390, platform="android")
    await ann.page_script.presses_at(300, 760)
    await ann.clicks("Choose an emoji")
    await ann.until(lambda: ann.emoji_picker.emoji)
    picker = ann.dialog.control
    assert picker is not None
    assert picker["alignment"] == {"x": 0.0, "y": 1.0}
    assert picker["content"]["width"] == 390
    assert not [each for each in find_all("TextField", picker) if each.get("autofocus")]


async def test_table_is_read_before_anybody_opens_a_menu(tmp_path: Path) -> None:
    emoji.all_emoji.cache_clear()
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder):
        await wait_until(lambda: emoji.all_emoji.cache_info().currsize)
