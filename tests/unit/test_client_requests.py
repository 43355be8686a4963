"""Requests of the Python client: which of them are sent again, when, and for how long."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from platformdirs import user_data_path

from flet_chat import ChatError
from flet_chat.address import data_folder, find_chat
from flet_chat.requests import (
    ATTEMPT_LIMIT,
    LONGEST_PAUSE,
    MAX_SECONDS,
    Pause,
    Reply,
    Request,
    Unreachable,
    answer_to,
)

REQUEST = Request(method="POST", path="/rooms/lobby/messages", body={"text": "x"}, key="k")
DONE = Reply(200, {}, b"{}")


def refusal(status: int, code: str, **headers: str) -> Reply:
    """An answer of the chat."""
    content = f'{{"ok": false, "error": "{code}", "message": "No."}}'.encode()
    return Reply(status, {name.replace("_", "-"): each for name, each in headers.items()}, content)


def plays(outcomes: Iterator[Reply | Unreachable]) -> tuple[Reply | ChatError, int, list[float]]:
    """The answer or the error, how many requests were sent, and the pauses between them."""
    now, sent, pauses = 0.0, 0, list[float]()
    steps = answer_to(REQUEST, clock=lambda: now, chance=lambda: 0.5)
    outcome: Reply | Unreachable | None = None
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                now += step.seconds
                outcome = None
            else:
                assert step is REQUEST
                sent += 1
                outcome = next(outcomes)
    except StopIteration as end:
        return end.value, sent, pauses
    except ChatError as error:
        return error, sent, pauses


@pytest.mark.parametrize(
    "outcome",
    [
        Unreachable("reset"),
        refusal(429, "slow_down", retry_after="3"),
        refusal(503, "not_stored"),
        Reply(502, {}, b"<html>Bad gateway</html>"),
        Reply(504, {}, b""),
    ],
)
def test_what_may_pass_is_tried_again(outcome: Reply | Unreachable) -> None:
    answer, sent, pauses = plays(iter([outcome, DONE]))
    assert (answer, sent, len(pauses)) == (DONE, 2, 1)
    if isinstance(outcome, Reply) and outcome.status == 429:
        assert pauses == [3.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 507])
def test_refusal_is_an_error_at_once(status: int) -> None:
    error, sent, _ = plays(iter([refusal(status, "no_such_room"), DONE]))
    assert isinstance(error, ChatError)
    assert (error.code, str(error), error.status, sent) == ("no_such_room", "No.", status, 1)


def test_pauses_grow_up_to_a_limit() -> None:
    error, sent, pauses = plays(iter([Unreachable("refused")] * 20))
    assert isinstance(error, ChatError)
    assert (error.code, sent) == ("no_connection", ATTEMPT_LIMIT)
    assert pauses == sorted(pauses)
    assert pauses[-1] <= LONGEST_PAUSE


def test_longer_wait_than_allowed_is_an_error_at_once() -> None:
    seconds = str(int(MAX_SECONDS) + 1)
    error, sent, pauses = plays(iter([refusal(429, "slow_down", retry_after=seconds), DONE]))
    assert isinstance(error, ChatError)
    assert (error.code, sent, pauses) == ("slow_down", 1, [])


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'"x"', b'{"ok": false}', b"\xff"])
def test_something_else_at_this_address_is_named(content: bytes) -> None:
    error, _, _ = plays(iter([Reply(404, {}, content)]))
    assert isinstance(error, ChatError)
    assert (error.code, error.status) == ("bad_answer", 404)


def test_address_is_that_of_the_arguments_then_of_the_environment(tmp_path: Path) -> None:
    environ = {"FLET_CHAT_URL": "https://b.example/", "FLET_CHAT_TOKEN": "fc_b"}
    given = find_chat("https://a.example", "fc_a", environ=environ)
    assert (given.url, given.token) == ("https://a.example", "fc_a")
    found = find_chat(environ=environ)
    assert (found.url, found.token) == ("https://b.example", "fc_b")
    assert "fc_b" not in repr(found)
    for missing in ({}, {"CHAT_DATA": str(tmp_path)}):
        with pytest.raises(ChatError) as error:
            find_chat(environ={"XDG_DATA_HOME": str(tmp_path)} | missing)
        assert error.value.code == "no_chat"
        assert str(tmp_path) in str(error.value)
    for wrong in ("chat.example", "ftp://chat.example", "https://", "http://a:8550elsewhere"):
        with pytest.raises(ChatError, match="no address"):
            find_chat(wrong)


def test_data_folder_is_that_of_the_chat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHAT_DATA", raising=False)
    for base in (None, str(tmp_path)):
        if base is None:
            monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_DATA_HOME", base)
        assert data_folder() == user_data_path("flet-chat", appauthor=False)
    monkeypatch.setenv("CHAT_DATA", "~/chat")
    assert data_folder() == Path("~/chat").expanduser()
