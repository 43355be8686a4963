"""Internal errors: the person gets a sentence and a number, the log gets the traceback."""

import re

import flet as ft
import pytest
import structlog

from tests.conftest import NewUser
from tests.harness.client import EVENT
from tests.harness.flet_internals import id_of
from tests.harness.hostile_clients import page_of

pytestmark = pytest.mark.usefixtures("no_sessions")


async def test_handler_exception_shows_a_failure_number_and_logs_the_traceback(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    page = page_of(ann)

    def fail() -> None:
        raise ValueError("/secret/path")

    button = ft.Button("fail", on_click=fail)
    page.add(button)
    with structlog.testing.capture_logs() as logs:
        await ann.send_frame(EVENT, {"target": id_of(button), "name": "click", "data": None})
        await ann.until(lambda: ann.sees_partial("Something went wrong"))
    (text,) = (snackbar.get("content") for snackbar in ann.find("SnackBar"))
    (number,) = re.findall(r"failure ([0-9a-f]{6})", str(text))
    (line,) = (each for each in logs if each.get("failure") == number)
    assert "/secret/path" in line["what"]
    assert "Traceback" in line["what"]
    for person in (ann, bob):
        assert b"secret" not in person.received
        assert b"Traceback" not in person.received
    assert not bob.sees_partial("Something went wrong")


async def test_failure_is_shown_only_in_the_session_where_it_happened(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    # (A handler of PubSub runs in the context of the page that has published.)
    page_of(bob).session.error("one of Bob's")
    await bob.until(lambda: bob.sees_partial("Something went wrong"))
    await ann.composer.posts("fine here")
    assert not ann.sees_partial("Something went wrong")


async def test_failure_is_told_in_the_language_of_the_person(new_user: NewUser) -> None:
    ann = await new_user("Ann", language="zh-CN")
    page_of(ann).session.error("one of Ann's")
    await ann.until(lambda: ann.sees_partial("这里出了错"))
