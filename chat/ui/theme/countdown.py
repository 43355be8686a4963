"""A line that counts down seconds, and goes by itself."""

import asyncio
from math import ceil

import flet as ft

from chat.errors import Translatable
from chat.languages import Language
from chat.tasks import Latest, Tasks


class CountdownText(ft.Text):
    """Shows a sentence with the field `{seconds}`; invisible while nothing is counted."""

    def __init__(self, t: Language) -> None:
        super().__init__("", size=13, color=ft.Colors.ON_SURFACE_VARIANT, visible=False)
        self._t = t
        self._counts = Latest()
        self._tasks = Tasks()

    def count_down(self, seconds: float, sentence: Translatable) -> None:
        """Show the seconds that are left in the sentence, until there are none.

        0 hides the line at once.
        """
        count = self._counts.start()
        if seconds > 0:
            self._tasks.start(self._count_down(seconds, sentence, count), "count seconds down")
        elif self.visible:
            self._show("")

    def stop(self) -> None:
        """Count no more: nobody sees it."""
        self._counts.start()

    async def _count_down(self, seconds: float, sentence: Translatable, count: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self._counts.has_overtaken(count):
            left = end - loop.time()
            if left <= 0:
                self._show("")
                return
            self._show(self._t(sentence, seconds=ceil(left)))
            await asyncio.sleep(left - ceil(left) + 1)

    def _show(self, text: str) -> None:
        self.value, self.visible = text, bool(text)
        self.update()
