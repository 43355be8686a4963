"""The message of a payload, as the room stores it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from chat.hook_payloads.pieces import Address, Sender
from chat.text.code_ranges import code_ranges, is_inside
from chat.text.markup.bare_links import bare_links
from chat.text.mentions import mention_ranges, parse_mentions
from chat.text.names import EVERYONE, HERE

# A space of almost no width. An @ before a space mentions nobody.
_HAIR_SPACE = "\u200a"

_CALLS = (EVERYONE, HERE)


class ColorRange(NamedTuple):
    """The part of a text beside which a bar has this colour, “#rrggbb”."""

    start: int
    end: int
    color: str


@dataclass(frozen=True, slots=True)
class HookMessage:
    """What a payload says, as one message.

    `text` is markup of at most `TEXT_LIMIT` characters. If that is not all, its last line says so,
    and `full_text` is the whole, which belongs into a file of the message.

    `summary` is one line of markup for the notification, or "" where the text is its own summary.
    `colors` are ranges of `text`, in order, that do not overlap. `mention_text` has the parts of
    `text` in which an @ sign mentions somebody: `parse_mentions` takes it, not `text`.
    `sender` and `address` are what the payload says, and nobody has checked it.
    """

    text: str
    full_text: str | None = None
    summary: str = ""
    colors: tuple[ColorRange, ...] = ()
    mention_text: str = ""
    sender: Sender = field(default_factory=Sender)
    address: Address = field(default_factory=Address)

    @property
    def calls_everyone(self) -> bool:
        """Whether it calls everyone, or all who are here."""
        called = parse_mentions(self.mention_text, ())
        return called.everyone or called.here

    def without_calls(self) -> "HookMessage":
        """The same message, calling nobody with @everyone or @here. A file calls nobody anyway."""
        places = [start for start, _ in _calls(self.text)]
        return replace(
            self,
            text=without_calls(self.text),
            summary=without_calls(self.summary),
            mention_text=without_calls(self.mention_text),
            colors=tuple(_moved(each, places) for each in self.colors),
        )


def without_calls(text: str) -> str:
    """A text whose @everyone and @here call nobody: each @ is followed by a thin space."""
    pieces, at = list[str](), 0
    for start, _ in _calls(text):
        pieces += (text[at : start + 1], _HAIR_SPACE)
        at = start + 1
    return "".join([*pieces, text[at:]])


def _calls(text: str) -> Iterator[tuple[int, int]]:
    """Where a text calls everyone, or all who are here. All @ signs count, not only the first."""
    if "@" not in text:
        return
    code, links = code_ranges(text), list(bare_links(text))
    for start, end, _ in mention_ranges(text, _CALLS, text.count("@")):
        if not (is_inside(code, start) or is_inside(links, start)):
            yield start, end


def _moved(colored: ColorRange, places: list[int]) -> ColorRange:
    """A range after a space was put behind some characters."""
    before = sum(1 for each in places if each < colored.start)
    within = sum(1 for each in places if each < colored.end)
    return ColorRange(colored.start + before, colored.end + within, colored.color)
