"""Lint, format and types: ruff and strict mypy are tests like the others."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "command",
    ["ruff check .", "ruff format --check .", "mypy"],
)
def test_linter_formatter_and_type_checker_pass(command: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True
    )
    assert ended.returncode == 0, f"{command} says:\n{ended.stdout}{ended.stderr}"
