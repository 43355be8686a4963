"""`docs/limits.md` has the values of the code."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
ROW = re.compile(r"\| .+ \| ([\d,.]+)(?: (\w+))? \| `([\w/]+)\.py` `(\w+)` \|")
UNITS = {"KiB": 2**10, "MiB": 2**20, "minutes": 60, "hour": 3600, "hours": 3600}

ROWS = [line for line in PAGE.read_text("utf-8").splitlines() if "`" in line and "|" in line]


@pytest.mark.parametrize("row", ROWS)
def test_page_has_the_value_of_the_constant(row: str) -> None:
    match = ROW.fullmatch(row)
    assert match is not None, row
    number, unit, path, name = match.groups()
    value = getattr(import_module("chat." + path.replace("/", ".")), name)
    if isinstance(value, timedelta):
        value = value.total_seconds()
    assert float(number.replace(",", "")) * UNITS.get(unit, 1) == value


def test_page_has_all_sections() -> None:
    assert len(ROWS) > 50
