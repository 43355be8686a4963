"""The page's own script: what it tells of keys, words and attention, and what it is asked to do.

Its frames begin with 0x7f; docs/design.md has a table of them. `assets/page.js` and the scripts
before it are the other end.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable

from chat.people.presence import Visibility
from chat.ui.client.connection import KEYBOARD, Typed
from chat.web.guard.file_offers import offer
from chat.web.guard.frames import SCRIPT

_KEYS = {
    b"u": "up",
    b"x": "escape",
    b"k": "jump",
    b"gu": "pick up",
    b"gd": "pick down",
    b"gx": "pick escape",
    b"lu": "choose up",
    b"ld": "choose down",
    b"?": "overview",
    b"m": "read all",
    b"ru": "room up",
    b"rd": "room down",
    b"wu": "unread up",
    b"wd": "unread down",
}

_PICKS = {b"gt": "pick tab", b"ge": "pick enter"}

_LOOKS = {
    b"l": Visibility.ACTIVE,
    b"v": Visibility.UNFOCUSED,
    b"b": Visibility.HIDDEN,
    b"i": Visibility.IDLE,
}

# A script that has not answered by then, in seconds, does not.
_ANSWER_TAKES = 15.0


class Script:
    """The script of one connection's page.

    `send` takes a frame for it, `expects` is told of each question that it will answer, and
    `touched` of what happened at the keyboard. Where there is no script, nothing is sent.
    """

    __slots__ = (
        "_captures",
        "_cuts",
        "_expects",
        "_is_there",
        "_send",
        "_touched",
        "looked_at",
        "may_notify",
    )

    def __init__(
        self,
        send: Callable[[bytes], None],
        expects: Callable[[], None],
        touched: Callable[..., object],
    ) -> None:
        self._send = send
        self._expects = expects
        self._touched = touched
        self._is_there = False
        self._captures = False
        # (Lists: they are short, and an empty deque takes 0.7 KB of each session.)
        self._cuts: list[asyncio.Future[bool]] = []
        self.looked_at = Visibility.ACTIVE
        self.may_notify = False

    def hear(self, said: bytes) -> None:
        """Take what the script says, after 0x7f; the guard has read it."""
        if said in _KEYS:
            self._touched(KEYBOARD, _KEYS[said])
        elif said[:2] in _PICKS:
            place, _, words = said[2:].decode(errors="replace").partition(" ")
            self._touched(KEYBOARD, _PICKS[said[:2]], Typed(words, int(place)))
        elif said.startswith(b"p"):
            start, end = said[1:].split()
            self._touched(KEYBOARD, "cursor", (int(start), int(end)))
        elif said in _LOOKS:
            self._look(_LOOKS[said])
        elif said == b"h":
            self._is_there = True
        elif said in {b"a0", b"a1"}:
            self.may_notify = said == b"a1"
        elif said.startswith(b"s"):
            self._touched(KEYBOARD, "send " + said[1:].decode(errors="replace"))
        elif said.startswith(b"f"):
            self._choose(said[1:])
        elif said.startswith(b"o"):
            self._touched(KEYBOARD, "open " + said[1:].decode())
        elif self._cuts and said in {b"y", b"n"}:
            self._answer(made=said == b"y")

    async def cut_words(self, text: str) -> bool:
        """Have `text` taken off the front of the field; False if that cannot be."""
        if not self._is_there:
            return False
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._cuts.append(answer)
        self._expects()
        self._tell("c", text)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_TAKES):
                return await asyncio.shield(answer)
        return False

    def swap_words(self, at: int, old: str, new: str) -> bool:
        """Have `new` put into the place of `old` in the field; False if there is no script."""
        self._tell("s", json.dumps([at, old, new], ensure_ascii=False))
        return self._is_there

    def capture(self, on: bool) -> None:
        """Have the keys that choose from a list swallowed in the field, and told of as picks."""
        if on is not self._captures:
            self._captures = on
            self._tell("g", "1" if on else "0")

    def take_arrows(self, on: bool) -> None:
        """Have ↑ and ↓ in a dialog's field swallowed, and told of as choices."""
        self._tell("l", "1" if on else "0")

    def notify(self, title: str, body: str, path: str, tag: str, sound: bool) -> None:
        """Have a notification shown; one of the same tag goes."""
        notice = {"title": title, "body": body, "path": path, "tag": tag, "sound": sound}
        self._tell("n", json.dumps(notice, ensure_ascii=False))

    def focus_field(self, *, anywhere: bool = True) -> None:
        """Have the focus put into the field, as soon as no dialog is before it.

        If not `anywhere`, only where that brings no keyboard up over the screen.
        """
        self._tell("w", "" if anywhere else "1")

    def ask_to_notify(self) -> None:
        """Have the person asked whether notifications may be shown."""
        self._tell("q")

    def show_unread(self, count: int) -> None:
        """Have a number shown in the tab's title and on the app's icon; 0 is none."""
        self._tell("d", str(count))

    def prefer(self, theme: str, send_key: str) -> None:
        """Have the page begin in this theme from now on, and send with this key."""
        self._tell("t", theme)
        self._tell("k", "1" if send_key == "ctrl+enter" else "0")

    def pick_files(self) -> bool:
        """Have the person choose files; False if there is no script."""
        self._tell("fc")
        return self._is_there

    def take_files(self, on: bool) -> None:
        """Let files be dropped and pasted, or not."""
        self._tell("ft", "1" if on else "0")

    def send_file(self, number: int, address: str) -> None:
        """Have a file sent to an address."""
        self._tell("fu", json.dumps([number, address]))

    def forget_file(self, number: int) -> None:
        """Have a file forgotten, and not sent on."""
        self._tell("fx", str(number))

    def save_file(self, address: str) -> bool:
        """Have what is at an address saved; False if there is no script."""
        self._tell("fd", address)
        return self._is_there

    def close(self) -> None:
        """It is gone: nothing is sent any more, and nobody answers."""
        self._is_there = False
        while self._cuts:
            self._answer(made=False)

    def _tell(self, kind: str, more: str = "") -> None:
        if self._is_there:
            self._send(SCRIPT + (kind + more).encode())

    def _look(self, looked_at: Visibility) -> None:
        if looked_at != self.looked_at:
            self.looked_at = looked_at
            self._touched(KEYBOARD, "attention")

    def _choose(self, said: bytes) -> None:
        chosen = offer(said)
        self._touched(KEYBOARD, "file lost" if isinstance(chosen, int) else "files", chosen)

    def _answer(self, *, made: bool) -> None:
        answer = self._cuts.pop(0)
        if not answer.done():
            answer.set_result(made)
