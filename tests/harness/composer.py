"""The composer of a headless user: the field that messages are written in, and its completions."""

from chat.ui.client.page_messages import SelectionReported
from tests.harness.client import HeadlessClient
from tests.harness.control_tree import Control, completion_labels, item_title
from tests.harness.page_script import PageScript


class Composer:
    """The composer on the screen of one user."""

    def __init__(self, client: HeadlessClient, script: PageScript) -> None:
        self._client = client
        self._script = script

    @property
    def control(self) -> Control | None:
        """The field, if it is on the screen."""
        return self._script.field

    @property
    def field(self) -> Control:
        """The field, which has to be on the screen."""
        field = self._script.field
        assert field is not None, "there is no composer on the screen"
        return field

    @property
    def text(self) -> str:
        """The text in the field."""
        return str(self.field.get("value", ""))

    @property
    def hint(self) -> str:
        """The text that the empty field shows."""
        return str(self.field["hint_text"])

    async def posts(self, text: str) -> None:
        """Type a text, press Enter, and wait until the field is empty."""
        await self.types(text)
        await self.sends()
        await self._client.until(lambda: self.text == "")

    async def types(self, text: str) -> None:
        """Type a text into the field, in place of the one there."""
        await self._client.fills(self.field, text)
        await self._client.fires(self.field, "change", text)

    async def sends(self) -> None:
        """Press Enter in the field."""
        if not self._script.enabled:
            await self._client.presses_enter(self.field)
        elif self._script.captures_completion_keys:
            await self._script.presses("enter")
        else:
            await self._script.presses_send_key(self.text)

    async def waits_for_text(self, text: str) -> None:
        """Wait until the field has this text."""
        await self._client.until(lambda: self.control is not None and self.text == text)

    async def starts_editing_last_message(self, text: str) -> None:
        """Press the up arrow in the empty field, which starts an edit of the last message."""
        await self._script.presses("up")
        await self.waits_for_text(text)

    async def waits_for_completions(self, typed: str, *choices: str) -> None:
        """Type a text, and wait until `completions` are exactly these."""
        await self.types(typed)
        await self._client.until(lambda: self.completions == list(choices))

    @property
    def completions(self) -> list[str]:
        """The completions above the field; the highlighted one ends with a star."""
        items = [
            each for each in self._client.find("Container", on_click=True) if each.get("padding")
        ]
        return completion_labels(each for each in items if each.get("border_radius") == 8)

    async def clicks_completion(self, name: str) -> None:
        """Click a completion."""
        items = self._client.find("Container", on_click=True, border_radius=8)
        await self._client.fires(next(each for each in items if item_title(each) == name), "click")

    async def moves_cursor(self, start: int, end: int) -> None:
        """Put the cursor somewhere in the field, or select a part of it, and click elsewhere."""
        await self._script.send_event(SelectionReported(start, end))
