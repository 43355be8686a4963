"""Rows of bots: the mark beside the name, what a sender calls itself, bars and counts."""

import secrets
from dataclasses import replace

from chat.model.programs import Bar, Via
from chat.server.app import ChatServer
from chat.ui.viewer import viewer_for
from chat.web.http.plain_rows import plain_rows
from tests.conftest import NewUser
from tests.harness.bots import Ops, marks
from tests.harness.control_tree import find_all, texts_of
from tests.harness.hostile_clients import wait_until_processed
from tests.harness.user import ChatUser

GRAFANA = Via("ops", "Grafana", "📈")


def spoken(user: ChatUser, text: str) -> list[str]:
    """What a screen reader reads of a row besides its text."""
    labels = [each.get("semantics_label") for each in find_all("Text", user.timeline.row(text))]
    return [str(each) for each in labels if each]


async def test_bot_has_a_mark_that_no_name_can_imitate(chat: ChatServer, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bot BOT")
    ops = await Ops(chat).starts()
    await bob.composer.posts("I am a person")
    await ops.says("deployed")
    await ann.timeline.waits_for_message("deployed")
    assert len(marks(ann.timeline.row("deployed"))) == 1
    assert marks(ann.timeline.row("I am a person")) == []
    assert "Bot BOT" in " ".join(texts_of(ann.timeline.row("I am a person")))
    assert any(each.startswith("ops, bot, ") for each in spoken(ann, "deployed"))


async def test_sender_is_named_with_its_webhook(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    await ops.says("CPU is high", replace(GRAFANA, sender="Ann\u202e\u2060\u200b\u2060"))
    await ann.timeline.waits_for_message("CPU is high")
    row = ann.timeline.row("CPU is high")
    assert "📈 Ann BOT · by webhook ops" in " ".join(texts_of(row))
    assert len(marks(row)) == 1
    assert spoken(ann, "CPU is high")[0].startswith("Ann · by webhook ops, bot, ")
    # The picture is that of the bot, whose card a click opens.
    assert find_all("CircleAvatar", row)[0]["content"]["value"].endswith(
        "O\u2060\u200b\u200b\u2060"
    )
    (name,) = [each for each in find_all("TextSpan", row, on_click=True) if each["text"] == "Ann "]
    await ann.fires(name, "click")
    await ann.until(lambda: ann.dialog.is_open)
    assert ann.dialog.control is not None
    assert ann.dialog.control["semantics_label"] == "Profile of ops"


async def test_messages_of_other_senders_do_not_continue_each_other(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    for text, via in (
        ("one", GRAFANA),
        ("two", GRAFANA),
        ("three", replace(GRAFANA, sender="CI")),
        ("four", None),
    ):
        await ops.says(text, via)
    await ann.timeline.waits_for_message("four")
    has_mark = [bool(marks(ann.timeline.row(each))) for each in ("one", "two", "three", "four")]
    assert has_mark == [True, False, True, True]
    fresh_tab = await new_user(like=ann)
    await fresh_tab.timeline.waits_for_message("four")
    assert fresh_tab.timeline.texts == ann.timeline.texts


async def test_bars_are_beside_their_parts_of_the_text(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    texts = ("before", "**red**\n\n- list", "green\nof two lines", "after")
    starts = [sum(len(each) + 2 for each in texts[:n]) for n in range(4)]
    bars = tuple(
        Bar(starts[n], starts[n] + len(texts[n]), colour)
        for n, colour in ((1, "#ee0000"), (2, "#00aa00"))
    )
    await ops.says("\n\n".join(texts), Via("ops", bars=bars))
    await ann.timeline.waits_for_message("after")
    assert bars_in(ann, "after") == {
        "#ee0000": ["red", "• ", "list"],
        "#00aa00": ["green\nof two lines"],
    }
    await ops.says("all\n\nplain", Via("ops", bars=(Bar(0, 3, "#0000ee"),)))
    await ann.timeline.waits_for_message("plain")
    assert bars_in(ann, "plain") == {"#0000ee": ["all"]}


def bars_in(user: ChatUser, text: str) -> dict[str, list[str]]:
    """The texts beside each bar of a row, by its colour."""
    boxes = find_all("Container", user.timeline.row(text))
    lefts = [(each, (each.get("border") or {}).get("left") or {}) for each in boxes]
    return {
        str(left["color"]): texts_of(box)
        for box, left in lefts
        if str(left.get("color")).startswith("#")
    }


async def test_long_text_with_a_bar_is_folded(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    text = "\n".join(f"**line** {n}" for n in range(60))
    await ops.says(text, Via("ops", bars=(Bar(0, len(text), "#ee0000"),), count=2))
    await ann.until(lambda: ann.sees("Show 45 more lines"))
    assert bars_in(ann, "Show 45 more lines").keys() == {"#ee0000"}
    assert any("×2" in each for each in texts_of(ann.timeline.row("Show 45 more lines")))


async def test_repeat_is_a_count_in_the_same_row(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    message = await ops.says("disk is full", Via("ops"))
    await ann.timeline.waits_for_message("disk is full")
    await ops.lobby.set_via(ops.person, message.number, Via("ops", count=2))
    await ann.until(lambda: any("×2" in each for each in ann.timeline.texts))
    assert ann.timeline.texts.count("disk is full") == 1


async def test_summary_is_the_line_of_notification_quote_and_pin(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await ann.page_script.shows_semantics()
    await wait_until_processed(ann)
    ops = await Ops(chat).starts()
    via = replace(GRAFANA, summary="**2** alerts")
    message = await ops.says("| host | CPU |\n|-|-|\n| db1 | 97 % |", via)
    await ann.until(lambda: ann.page_script.announced)
    assert ann.page_script.announced == ["Grafana · by webhook ops, bot: 2 alerts"]
    person = await chat.workspace.find_person("Ann")
    quoting = await ops.lobby.post(
        person, "I look at it", secrets.token_hex(8), quoted_number=message.number
    )
    await ann.timeline.waits_for_message("I look at it")
    assert ann.timeline.quote_in("I look at it") == "BOT ops 2 alerts"
    stored = (await ops.lobby.newest(person)).messages[-1]
    assert stored.quote == quoting.quote, "the store and the event quote alike"
    await ops.lobby.pin(person, message.number, pinned=True)
    await ann.clicks("Pinned messages")
    await ann.until(lambda: "2 alerts" in texts_of(ann.dialog.control))
    assert len(marks(ann.dialog.control)) == 1


async def test_search_finds_the_text_of_a_bot_and_not_its_summary(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    await ops.says("db1 is at 97 %", replace(GRAFANA, summary="two alerts"))
    await ann.timeline.waits_for_message("db1 is at 97 %")
    await ann.search_dialog.opens()
    await ann.search_dialog.types("db1")
    await ann.until(lambda: marks(ann.dialog.control))
    assert {"Grafana", "db1"} <= set(texts_of(ann.dialog.control)), "the word is marked"
    assert "· by webhook ops" in " ".join(texts_of(ann.dialog.control))
    await ann.search_dialog.types("alerts")
    await ann.waits_for_partial_text("Nothing was found for")


async def test_first_view_of_a_page_has_the_mark_too(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ops = await Ops(chat).starts()
    await ops.says("one", GRAFANA)
    await ops.says("two", GRAFANA)
    await ops.says("three")
    await ann.timeline.waits_for_message("three")
    page = await ops.lobby.newest(ops.person)
    rows = [(each.text, each.name, each.mark) for each in plain_rows(page, viewer_for(None))]
    assert rows[-3:] == [
        ("one", "Grafana · by webhook ops", "BOT"),
        ("two", "", ""),
        ("three", "ops", "BOT"),
    ]
