"""The files that go with the words of the field: their tray, and a message that waits for them."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from chat.languages import Language
from chat.tasks import Tasks
from chat.ui.client.file_transfer import Carrying, Offer
from chat.ui.client.files import Offered
from chat.ui.composer.context_bar import ContextBar
from chat.ui.composer.destination import Destination
from chat.ui.composer.pending_files import Attaching, Item
from chat.ui.composer.send_queue import Outgoing
from chat.ui.composer.upload_tray import Tray


class Enclosing:
    """Those of one session; the tray stands in `aim`.

    `send(sent)` is awaited with what had to wait for its files, and `explain(words)` says why
    something is not as the person wanted it.
    """

    def __init__(
        self,
        files: Carrying,
        aim: ContextBar,
        t: Language,
        send: Callable[[Outgoing], Coroutine[Any, Any, None]],
        explain: Callable[[str], None],
    ) -> None:
        self._files = files
        self._aim = aim
        self._t = t
        self._send = send
        self._explain = explain
        self._attaching = Attaching(files, t, self._changed)
        self._where: Destination | None = None
        self._open = True
        self._tray: Tray | None = None
        self._held: Outgoing | None = None
        self._lent: tuple[Offer, Callable[[], bool]] | None = None
        self._tasks = Tasks()

    def enter(self, where: Destination) -> None:
        """From now on they are for this room."""
        self._where, self._held = where, None
        self._show()

    def take(self, on: bool) -> None:
        """Whether anything may be sent there."""
        self._open = on
        self._files.take(on)

    async def pick(self) -> None:
        """Let the person choose."""
        await self._files.pick(self.offered)

    async def offered(self, files: Sequence[Offered]) -> None:
        """Somebody chose files, dropped or pasted them."""
        if self._lent is not None and self._lent[1]():
            await self._lent[0](files)
            return
        if self._where is None or not self._open:
            for each in files:
                self._files.forget(each.number)
            return
        self._held = None
        left_out = await self._attaching.add(self._where, files)
        if left_out:
            self._explain(left_out)

    def lend(self, offered: Offer, wanted: Callable[[], bool]) -> None:
        """What is chosen while it is `wanted()` is for somebody else."""
        self._lent = (offered, wanted)

    def lost(self, number: int) -> None:
        """The client could not send a file."""
        self._attaching.lose(number)

    def reloaded(self) -> None:
        """The client begins anew, and does not know any more what it was to send next."""
        self._attaching.reload()

    @property
    def is_going(self) -> bool:
        """Whether some are still on their way."""
        return any(each.is_going for each in self._here)

    @property
    def is_ready(self) -> bool:
        """Whether there are some that can be sent."""
        return any(each.is_ready for each in self._here)

    def hold(self, sent: Outgoing) -> None:
        """Send it when the files are here."""
        self._held = sent
        self._show()

    def written(self, words: str) -> None:
        """Whoever writes on, while something waits, presses Enter again."""
        if self._held is not None and words != self._held.field_text:
            self._held = None
            self._show()

    def with_files(self, sent: Outgoing) -> Outgoing:
        """What is sent now, with the files that are ready."""
        return replace(sent, files=self._attaching.take(sent.destination))

    def give_back(self, sent: Outgoing) -> None:
        """It was not sent after all."""
        self._attaching.give_back(sent.destination, sent.files)

    @property
    def _here(self) -> Sequence[Item]:
        return () if self._where is None else self._attaching.of(self._where)

    def _drop(self, item: Item) -> None:
        if self._where is not None:
            self._attaching.drop(self._where, item)

    def _changed(self, where: Destination) -> None:
        if where != self._where:
            return
        if self._tray is not None:
            self._tray.show_soon(self._shown)
        else:
            self._show()
        self._go_on()

    def _shown(self) -> tuple[Sequence[Item], str]:
        if self._held is None:
            return self._here, ""
        return self._here, self._t("Your message is sent as soon as the files are here.")

    def _show(self) -> None:
        items, notice = self._shown()
        if self._tray is None and items:
            # Most sessions never need one.
            self._tray = Tray(self._t, self._files.source, self._drop)
            self._aim.set_tray(self._tray)
        if self._tray is not None:
            self._tray.show(items, notice)

    def _go_on(self) -> None:
        """Send what waits, if the files are here."""
        held = self._held
        if held is None or self.is_going:
            return
        self._held = None
        if any(each.refusal for each in self._here):
            self._explain(self._t("Not all files came. Press Enter to send the others."))
        else:
            self._tasks.start(self._send(held), "send with files")
