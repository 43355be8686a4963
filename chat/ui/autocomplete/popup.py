"""What may be meant: the list above the field while a name, an emoji … is being written."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.ui.theme import theme, widgets

# So many are shown at once.
SHOWN = 6

_INSIDE = ft.Padding.symmetric(horizontal=10, vertical=6)


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: `written` comes into the field; `mark` draws what stands before the words.

    The hint stands beside the words, or `below` them if both are long.
    """

    written: str
    words: str
    mark: Callable[[], ft.Control]
    hint: str = ""
    below: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What can be completed: `begun` finds what stands of it at the end of the field.

    `choices` gets that, and gives the likeliest first; nothing once all is written out. What
    stands only at the beginning of the field has a `begun` that begins with `\\A`. Of more than
    are shown, up to `most` are come to with the arrows.
    """

    begun: re.Pattern[str]
    choices: Callable[[str], Sequence[Choice]]
    most: int = SHOWN


class Suggestions(ft.Container):
    """The list; `choose(before, part, written)` is told what stands there now, after what,
    and what is to."""

    def __init__(
        self,
        sources: Sequence[Source],
        choose: Callable[[str, str, str], None],
        capture: Callable[[bool], None],
    ) -> None:
        self._sources = sources
        self._choose = choose
        self._capture = capture
        self._words = ""
        self._part = ""
        self._choices: Sequence[Choice] = ()
        self._at = 0
        # What was put away with Escape stays away until something else is begun.
        self._refused: str | None = None
        super().__init__(
            visible=False,
            padding=4,
            border_radius=12,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER_HIGH,
        )

    def consider(self, words: str) -> None:
        """The field says this now."""
        self._words = words
        part, choices = self._begun(words)
        if self._refused is not None and part.startswith(self._refused):
            part, choices = "", ()
        elif words:
            self._refused = None
        shown = [choice.words for choice in choices]
        if shown != [choice.words for choice in self._choices] or part != self._part:
            self._part, self._choices, self._at = part, choices, 0
            self._draw()

    def _begun(self, words: str) -> tuple[str, Sequence[Choice]]:
        for source in self._sources:
            found = source.begun.search(words)
            if found is not None and (choices := source.choices(found.group())):
                return found.group(), choices[: source.most]
        return "", ()

    def pressed(self, name: str) -> Callable[[], None] | None:
        """What a key does while the list is open."""
        if not self._choices:
            return None
        keys: dict[str, Callable[[], None]] = {
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
            "tab": partial(self._take, None),
            "enter": partial(self._take, None),
            "escape": self._refuse,
        }
        return keys.get(name)

    def close(self) -> None:
        """Nothing is being written any more."""
        self.consider("")

    def _move(self, by: int) -> None:
        self._at = (self._at + by) % len(self._choices)
        self._draw()

    def _take(self, choice: Choice | None) -> None:
        chosen, part = choice or self._choices[self._at], self._part
        before = self._words.removesuffix(part)
        self.close()
        self._choose(before, part, chosen.written)

    def _refuse(self) -> None:
        part = self._part
        self.close()
        self._refused = part

    def _draw(self) -> None:
        is_open = bool(self._choices)
        if is_open != self.visible:
            self._capture(is_open)
        self.visible = is_open
        self.content = ft.Column(list(self._drawn()), spacing=0, tight=True) if is_open else None
        self.update()

    def _drawn(self) -> Iterable[ft.Control]:
        first = max(0, self._at - SHOWN + 1)
        for n, choice in enumerate(self._choices[first : first + SHOWN], first):
            # (A button would take the focus away from the field.)
            yield ft.Container(
                ft.Row([choice.mark(), *_said(choice)], spacing=10),
                padding=_INSIDE,
                border_radius=8,
                bgcolor=ft.Colors.SECONDARY_CONTAINER if n == self._at else None,
                on_click=partial(self._take, choice),
            )


def _said(choice: Choice) -> list[ft.Control]:
    words, hint = ft.Text(choice.words, size=14), widgets.secondary_text(choice.hint)
    if choice.below:
        return [ft.Column([words, hint], spacing=0, tight=True, expand=True)]
    hint.expand = True
    return [words, hint]
