"""People are made in one place: no way in passes the door by."""

import re
from pathlib import Path

CHAT = Path(__file__).parents[2] / "chat"

# Who calls what makes a person, by the name of the call.
CALLERS = {
    r"identity\.sign_in\(": {"joining/entrance.py"},
    r"names\.add_person\(": {"people/identity.py"},
    r"store\.add_person\(": {"people/names.py"},
}


def test_only_the_entrance_makes_people() -> None:
    sources = {
        path.relative_to(CHAT).as_posix(): path.read_text("utf-8") for path in CHAT.rglob("*.py")
    }
    for call, callers in CALLERS.items():
        assert {name for name, text in sources.items() if re.search(call, text)} == callers, call
