"""Dice: what somebody asks for, and what comes."""

import re
import secrets
from dataclasses import dataclass

from chat.errors import BadCommand

DICE, SIDES, MORE = 20, 1000, 1000

_ASKED = re.compile(r"(\d{0,6})d(\d{1,6})(?:([+-])(\d{1,6}))?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Dice:
    """So many dice with so many sides each, and a number that is added at the end."""

    count: int
    sides: int
    more: int = 0

    def throw(self) -> str:
        """What was asked and what came: `2d6+1 = 3 + 5 + 1 = 9`."""
        came = [secrets.randbelow(self.sides) + 1 for _ in range(self.count)]
        sign = "-" if self.more < 0 else "+"
        more = abs(self.more)
        asked = f"{self.count}d{self.sides}" + (f"{sign}{more}" if more else "")
        sum_of = " + ".join(map(str, came)) + (f" {sign} {more}" if more else "")
        if len(came) == 1 and not more:
            return f"{asked} = {sum_of}"
        return f"{asked} = {sum_of} = {sum(came) + self.more}"


def dice(asked: str) -> Dice:
    """`2d6`, `d20`, `3d6+2`; nothing is one die with six sides. Raises BadCommand."""
    found = _ASKED.fullmatch("".join(asked.split()) or "1d6")
    if found is None:
        raise BadCommand("Write dice like this: /roll 2d6, /roll d20 or /roll 3d6+2.")
    count, sides, sign, more = found.groups()
    wanted = Dice(int(count or 1), int(sides), int(f"{sign or ''}{more or 0}"))
    if not (1 <= wanted.count <= DICE and 2 <= wanted.sides <= SIDES and abs(wanted.more) <= MORE):
        raise BadCommand(
            "Throw 1 to {dice} dice with 2 to {sides} sides, and add {more} at the most.",
            dice=DICE,
            sides=SIDES,
            more=MORE,
        )
    return wanted
