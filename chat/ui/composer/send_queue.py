"""What was sent and stands in the field still: it is taken out of there when it is stored.

The server cannot simply empty the field: keys that are pressed while a message is on its way would
be wiped out with it, or come back with it. So the client itself takes the stored text off the
front of what stands there (the page's script does, where the keys are), and until it has said so,
whatever it sends is read without that text.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from chat.errors import ChatError
from chat.ui.composer.destination import Field, Writing
from chat.ui.composer.pending_files import Item

# Where the server has to empty the field: for this long, in seconds, a key that was pressed
# before that may still come with the words before it.
_ECHO = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, as it stands in the field and as it is said; where to, what it answers, and
    the files that are part of it."""

    typed: str
    text: str
    where: Writing
    quoted: int | None
    files: tuple[Item, ...] = ()


class Try(NamedTuple):
    """The words and the files that were tried last, and the name that they had."""

    what: tuple[str, ...]
    client_id: str


class Sending:
    """The words on their way from one field, in order.

    `is_here(where)` is whether the field still writes there, `said(text)` follows each that was
    stored from here, `refused(why)` one that was not, `give_back(sent)` is called for each that
    was not, wherever it was to go, and `strike(text)` takes a text off the front of the field
    where the client cannot.
    """

    def __init__(
        self,
        client: Field,
        is_here: Callable[[Writing], bool],
        said: Callable[[], None],
        refused: Callable[[ChatError], None],
        give_back: Callable[[Sent], None],
        strike: Callable[[str], None],
    ) -> None:
        self._client = client
        self._is_here = is_here
        self._said = said
        self._refused = refused
        self._give_back = give_back
        self._strike = strike
        # What stands in the client's field still; of that, what is not stored yet.
        self._shown: list[str] = []
        self._waiting: list[Sent] = []
        self._sending = False
        self._tried = Try((), "")
        self._echo, self._echo_at = "", 0.0
        self.cutting = False

    @property
    def waiting(self) -> int:
        """How many characters are not stored yet."""
        return sum(len(each.text) for each in self._waiting)

    def forget(self) -> None:
        """The field shows other words now, and what is on its way does not stand there."""
        self._shown.clear()

    def expect_echo(self, words: str) -> None:
        """The server emptied the field of `words`, or means nothing by them any more: ''."""
        self._echo, self._echo_at = words, time.monotonic()

    def without_sent(self, typed: str) -> str:
        """What of the field is not sent."""
        for text in self._shown:
            if not typed.startswith(text):
                break
            typed = typed[len(text) :]
        return typed

    def without_echo(self, typed: str) -> str:
        """The first that comes after the server emptied the field may still begin with it."""
        echo, self._echo = self._echo, ""
        if echo and len(typed) > len(echo) and time.monotonic() - self._echo_at < _ECHO:
            return typed.removeprefix(echo)
        return typed

    async def add(self, sent: Sent) -> None:
        """Send it after what was sent before."""
        self._shown.append(sent.typed)
        self._waiting.append(sent)
        if self._sending:
            return
        self._sending = True
        try:
            while self._waiting:
                await self._send(self._waiting.pop(0))
        finally:
            self._sending = False

    async def _send(self, sent: Sent) -> None:
        uploads = tuple(each.upload.id for each in sent.files if each.upload is not None)
        if (sent.text, *uploads) != self._tried.what:
            # A second try of the same words is the same message, if the first was stored.
            self._tried = Try((sent.text, *uploads), secrets.token_hex(16))
        try:
            await sent.where.send(sent.text, self._tried.client_id, sent.quoted, uploads)
        except ChatError as refusal:
            self._give_back(sent)
            if not self._is_here(sent.where):
                # Their field shows another room by now: they are there when that is opened again.
                sent.where.keep(sent.typed)
                return
            # They all stand in the field still.
            for each in self._waiting:
                self._give_back(each)
            self._waiting.clear()
            self._shown.clear()
            self._refused(refusal)
        else:
            self._tried = Try((), "")
            if self._is_here(sent.where):
                await self._take_out(sent)
                self._said()

    async def _take_out(self, sent: Sent) -> None:
        """Take a stored text off the front of the field."""
        self.cutting = True
        # Files may go without a word.
        done = not sent.typed or await self._client.cut(sent.typed)
        self.cutting = False
        if not self._is_here(sent.where):
            return
        if self._shown:
            self._shown.pop(0)
        if not done:
            self.expect_echo(sent.typed)
            self._strike(sent.typed)
