"""The dialogs of programs of a headless user: webhooks, bots and tokens."""

import asyncio

from tests.harness.control_tree import Control, find_all, texts_of
from tests.harness.user import ChatUser


class ProgramDialogs:
    """The dialogs of webhooks and bots of one user."""

    def __init__(self, user: ChatUser) -> None:
        self._user = user

    @property
    def title(self) -> str:
        """The title of the open dialog; empty if none is open."""
        control = self._user.dialog.control
        return "" if control is None else str(control["semantics_label"])

    @property
    def texts(self) -> list[str]:
        """The texts of the open dialog."""
        return texts_of(self._user.dialog.control) if self._user.dialog.control else []

    async def waits_for(self, title: str) -> None:
        """Wait until the dialog of this title is open."""
        await self._user.until(lambda: self.title == title)

    async def makes(self, label: str, name: str, button: str) -> None:
        """Type the name of a new program, and press the button."""
        field = await self._user.waits_for_control("TextField", label=label)
        await self._user.fills(field, name)
        await self._user.clicks(button)

    async def copies(self, label: str) -> str:
        """Copy the text below this label."""
        before = len(self._user.copied_texts)
        await self._user.clicks(f"Copy: {label}")
        await self._user.until(lambda: len(self._user.copied_texts) > before)
        await self._user.until(lambda: "Copied." in self.texts)
        return self._user.copied_texts[-1]

    async def loads_again(self) -> None:
        """Load the dialog again, and wait until it is there."""
        before = self._user.dialog.control
        await self._user.clicks("Load again")
        await self._user.until(lambda: self.title and self._user.dialog.control is not before)

    async def turns(self, label: str, *, on: bool) -> None:
        """Turn the switch beside a label on or off, and wait until that is stored."""
        switch = self.switch(label)
        await self._user.sets(switch, value=on)
        await self._user.fires(switch, "change", on)
        async with asyncio.timeout(20):
            await self.loads_again()
            while self.is_on(label) != on:
                await self.loads_again()

    def is_on(self, label: str) -> bool:
        """Whether the switch beside a label is on."""
        return bool(self.switch(label).get("value"))

    def switch(self, label: str) -> Control:
        """The switch beside a label."""
        rows = find_all("Row", self._user.dialog.control)
        (row,) = [each for each in rows if texts_of(each) == [label]]
        return find_all("Switch", row)[0]

    async def answers(self, title: str, answer: str) -> None:
        """Answer the question of this title with a button."""
        await self.waits_for(title)
        await self._user.clicks(answer)
