"""Snackbars: above the message field, and gone after their time, also from a page loaded again."""

import pytest

from chat.ui.theme import snackbars
from tests.conftest import NewUser


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
