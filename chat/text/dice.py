"""Dice: notation and rolls."""

import re
import secrets
from dataclasses import dataclass

from chat.errors import BadCommand

MAX_DICE, MAX_SIDES, MAX_MODIFIER = 20, 1000, 1000

_NOTATION = re.compile(r"(\d{0,6})d(\d{1,6})(?:([+-])(\d{1,6}))?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Dice:
    """A number of dice with a number of sides, and a modifier that is added to the sum."""

    count: int
    sides: int
    modifier: int = 0

    def roll(self) -> str:
        """Roll, and return notation and result: `2d6+1 = 3 + 5 + 1 = 9`."""
        rolled = [secrets.randbelow(self.sides) + 1 for _ in range(self.count)]
        sign = "-" if self.modifier < 0 else "+"
        modifier = abs(self.modifier)
        notation = f"{self.count}d{self.sides}" + (f"{sign}{modifier}" if modifier else "")
        terms = " + ".join(map(str, rolled)) + (f" {sign} {modifier}" if modifier else "")
        if len(rolled) == 1 and not modifier:
            return f"{notation} = {terms}"
        return f"{notation} = {terms} = {sum(rolled) + self.modifier}"


def parse_dice(notation: str) -> Dice:
    """Parse `2d6`, `d20` or `3d6+2`; an empty text is `1d6`. Raises BadCommand."""
    found = _NOTATION.fullmatch("".join(notation.split()) or "1d6")
    if found is None:
        raise BadCommand("Write dice like this: /roll 2d6, /roll d20 or /roll 3d6+2.")
    count, sides, sign, modifier = found.groups()
    parsed = Dice(int(count or 1), int(sides), int(f"{sign or ''}{modifier or 0}"))
    if not (
        1 <= parsed.count <= MAX_DICE
        and 2 <= parsed.sides <= MAX_SIDES
        and abs(parsed.modifier) <= MAX_MODIFIER
    ):
        raise BadCommand(
            "Throw 1 to {dice} dice with 2 to {sides} sides, and add {more} at the most.",
            dice=MAX_DICE,
            sides=MAX_SIDES,
            more=MAX_MODIFIER,
        )
    return parsed
