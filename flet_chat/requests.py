"""Requests and replies as values, and how long a request is repeated. Nothing here does I/O.

A call of the API is a generator: it yields a `Request` or a `Pause`, is sent the reply, and returns
the result. So the calls are written once; `connection.py` runs them, with asyncio or without.
"""

import json
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from flet_chat.errors import ChatError

Result = TypeVar("Result")

# A request is sent so many times at most, and for so many seconds.
ATTEMPT_LIMIT = 6
MAX_SECONDS = 60.0

# The first pause and the longest one, in seconds. Each is twice the one before, and by chance up to
# half shorter: programs that failed together do not come back together.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0

# The chat, or a proxy before it, may answer in a moment.
_TEMPORARY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to the API; `path` is below `/api`.

    `key` makes a repeated one harmless. A file is sent as `content`, or as the file of a path. The
    body of the reply is written to the file `save_to`.
    """

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    content: bytes | Path | None = None
    key: str | None = None
    save_to: Path | None = None

    def encoded_body(self) -> bytes | None:
        """The body as JSON. Halves of characters, which have no code, become question marks."""
        if self.body is None:
            return None
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request; the names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body. Raises ChatError if it is not JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise _no_chat_there(self.status) from None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No reply: the connection failed, or broke."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before the next request, in seconds."""

    seconds: float


Steps = Generator[Request | Pause, Reply | Unreachable | None, Result]


def answer_to(
    request: Request,
    *,
    clock: Callable[[], float] = time.monotonic,
    chance: Callable[[], float] = random.random,
) -> Steps[Reply]:
    """The reply to a request, which is repeated as long as that may help. Raises ChatError."""
    started = clock()
    for attempt in count(1):
        outcome = yield request
        if isinstance(outcome, Reply) and outcome.status < 400:
            return outcome
        if isinstance(outcome, Reply):
            error, is_temporary = _refusal(outcome), outcome.status in _TEMPORARY
            wait = _retry_after(outcome)
        else:
            assert outcome is not None, "a request has an outcome"
            error, is_temporary, wait = _unreachable(outcome), True, None
        if wait is None:
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
            wait = longest * (1 - chance() / 2)
        if not is_temporary or attempt >= ATTEMPT_LIMIT or clock() - started + wait > MAX_SECONDS:
            raise error
        yield Pause(wait)
    raise AssertionError("the loop returns or raises")


def _retry_after(reply: Reply) -> float | None:
    written = reply.headers.get("retry-after", "")
    return float(written) if written.isdecimal() else None


def _refusal(reply: Reply) -> ChatError:
    try:
        values = json.loads(reply.content)
        return ChatError(values["error"], values["message"], reply.status)
    except (ValueError, TypeError, KeyError):
        return _no_chat_there(reply.status)


def _no_chat_there(status: int) -> ChatError:
    sentence = f"The answer ({status}) is not one of Flet Chat. Check the address of the chat."
    return ChatError("bad_answer", sentence, status)


def _unreachable(outcome: Unreachable) -> ChatError:
    return ChatError("no_connection", f"The chat does not answer: {outcome.reason}.")
