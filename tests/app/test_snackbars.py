"""Snackbars: above the message field, and gone after their time, also from a page loaded again."""

import pytest

from chat.ui.theme import snackbars
from tests.conftest import NewUser
from tests.harness.user import ChatUser


@pytest.fixture
def short_time(monkeypatch: pytest.MonkeyPatch) -> float:
    """Snackbars end after this number of seconds."""
    monkeypatch.setattr(snackbars, "SHOWN_TIME", 300)
    monkeypatch.setattr(snackbars, "GRACE_SECONDS", 0.1)
    return 0.4


async def test_snackbar_that_no_client_has_ended_is_gone_after_its_time(
    new_user: NewUser, short_time: float
) -> None:
    ann = await new_user("Ann", path="/room/nowhere")
    await ann.until(lambda: ann.snackbar.texts)
    await ann.reloads("/room/lobby")
    await ann.until(lambda: ann.composer.control is not None)
    await ann.until(lambda: not ann.snackbar.texts)
    await ann.reloads("/room/lobby")
    await ann.until(lambda: ann.composer.control is not None)
    assert ann.snackbar.texts == []


@pytest.mark.parametrize(("width", "side"), [(390.0, 12), (1440.0, 480)])
async def test_snackbar_is_narrow_and_leaves_the_message_field_visible(
    new_user: NewUser, width: float, side: float
) -> None:
    ann = await new_user("Ann", path="/room/nowhere", width=width)
    await ann.until(lambda: ann.find("SnackBar"))
    margin = ann.find("SnackBar")[0]["margin"]
    assert margin["left"] == margin["right"] == side
    assert margin["bottom"] > 80


async def test_drawer_of_a_phone_is_closed_for_a_snackbar(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390)
    await ann.clicks("Rooms and people")
    await ann.until(lambda: "show_drawer" in ann.invoked_methods)
    await ann.goes_to("/room/nowhere")
    await ann.until(lambda: ann.snackbar.texts and "close_drawer" in ann.invoked_methods)


async def user_who_cancels_a_later_text(new_user: NewUser) -> ChatUser:
    """Ann, who has taken a text back in the dialog of what is sent later."""
    ann = await new_user("Ann")
    await ann.composer.types("good morning all")
    await ann.clicks("Add to your message")
    await ann.clicks("Send later")
    await ann.clicks("In one hour")
    await ann.composer.waits_for_text("")
    for bar in ann.find("SnackBar"):
        await ann.dismisses(bar)
    await ann.clicks("Saved and later")
    segments = await ann.waits_for_control("SegmentedButton")
    await ann.sets(segments, selected=["2"])
    await ann.fires(segments, "change", ["2"])
    await ann.waits_for_text("good morning all")
    await ann.clicks("Cancel it")
    await ann.until(lambda: ann.snackbar.texts_in_dialog == ["The message is not sent.", "Undo"])
    return ann


async def test_sentence_is_in_the_open_dialog_where_its_button_can_be_clicked(
    new_user: NewUser,
) -> None:
    ann = await user_who_cancels_a_later_text(new_user)
    assert ann.snackbar.texts == []
    await ann.clicks("Undo")
    await ann.until(lambda: ann.snackbar.texts_in_dialog == [])
    await ann.dialog.closes()
    await ann.clicks("Saved and later")
    segments = await ann.waits_for_control("SegmentedButton")
    await ann.sets(segments, selected=["2"])
    await ann.fires(segments, "change", ["2"])
    await ann.waits_for_text("good morning all")


async def test_sentence_of_a_dialog_that_ends_goes_on_above_the_field(new_user: NewUser) -> None:
    ann = await user_who_cancels_a_later_text(new_user)
    await ann.dialog.closes()
    await ann.until(lambda: ann.snackbar.texts == ["The message is not sent."])
    bar = ann.find("SnackBar")[0]
    assert bar["action"] == "Undo"
    assert 1000 < bar["duration"] < snackbars.UNDO_TIME


async def test_sentence_in_a_dialog_is_gone_after_its_time(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snackbars, "UNDO_TIME", 300)
    ann = await user_who_cancels_a_later_text(new_user)
    await ann.until(lambda: ann.snackbar.texts_in_dialog == [])
    assert ann.dialog.is_open
    await ann.dialog.closes()
    assert ann.snackbar.texts == []
