"""The panel beside the room, on the screen of a headless user."""

from tests.harness.client import HeadlessClient
from tests.harness.control_tree import Control, completion_labels, find_all, item_title, texts_of
from tests.harness.timeline import side_boxes


class SidePanel:
    """The panel beside the room, on a wide screen."""

    def __init__(self, client: HeadlessClient) -> None:
        self._client = client

    @property
    def control(self) -> Control | None:
        """The pane, if it is on the screen and shows no thread."""
        boxes = side_boxes(self._client)
        panels = [each for each in boxes if not find_all("ListView", each, reverse=True)]
        return panels[0] if panels else None

    @property
    def width(self) -> float:
        """The width of the pane, in pixels."""
        return float(self.control["width"]) if self.control else 0

    async def drags_edge(self, x: float) -> None:
        """Drag the edge of the pane to this distance from the left edge of the window."""
        (edge,) = find_all("GestureDetector", self.control, mouse_cursor="resizeColumn")
        position = {"x": x, "y": 400.0}
        await self._client.fires(
            edge, "horizontal_drag_update", {"l": position, "g": position, "k": "mouse"}
        )

    @property
    def title(self) -> str:
        """Its title; empty if there is no panel."""
        return texts_of(self.control)[0] if self.control else ""

    @property
    def texts(self) -> list[str]:
        """All its texts."""
        return texts_of(self.control) if self.control else []

    async def waits_for(self, title: str) -> None:
        """Wait until the panel of this title is on the screen."""
        await self._client.until(lambda: self.title == title)

    async def waits_until_closed(self) -> None:
        """Wait until there is no panel."""
        await self._client.until(lambda: self.control is None)

    @property
    def items(self) -> list[Control]:
        """The items that react to a click."""
        return find_all("Container", self.control, ink=True)

    @property
    def lines(self) -> list[str]:
        """The last text of each item."""
        found = [find_all("Text", each)[-1] for each in self.items]
        return ["".join(span["text"] for span in each.get("spans", [])) for each in found]

    @property
    def selected(self) -> list[str]:
        """The last text of each highlighted item."""
        items = zip(self.items, self.lines, strict=True)
        return [line for item, line in items if item.get("bgcolor") == "secondarycontainer"]

    @property
    def field(self) -> Control:
        """The field of a search."""
        return find_all("TextField", self.control)[0]

    async def types(self, words: str) -> None:
        """Type into the field of a search, which has the focus."""
        await self._client.until(lambda: find_all("TextField", self.control))
        await self._client.fires(self.field, "focus")
        await self._client.fills(self.field, words)
        await self._client.fires(self.field, "change", words)

    @property
    def completions(self) -> list[str]:
        """The completions below the field of a search; the highlighted one ends with a star."""
        return completion_labels(self._completion_items)

    async def clicks_completion(self, label: str) -> None:
        """Click a completion."""
        items = self._completion_items
        await self._client.fires(next(x for x in items if item_title(x) == label), "click")

    @property
    def _completion_items(self) -> list[Control]:
        return find_all("Container", self.control, on_click=True, border_radius=8)

    async def presses_enter(self) -> None:
        """Press Enter in the field."""
        await self._client.fires(self.field, "submit", self.field["value"])

    async def searches_only_here(self, only_here: bool = True) -> None:
        """Set or clear the check mark “Only here”."""
        box = find_all("Checkbox", self.control)[0]
        await self._client.sets(box, value=only_here)
        await self._client.fires(box, "change", only_here)

    async def chooses(self, text: str) -> None:
        """Click the item with this text."""

        def found() -> list[Control]:
            return [each for each in self.items if text in " ".join(texts_of(each))]

        await self._client.until(found)
        await self._client.fires(found()[0], "click")

    async def closes(self) -> None:
        """Click the cross, and wait until the panel is gone."""
        await self._client.clicks("Close the panel")
        await self.waits_until_closed()
