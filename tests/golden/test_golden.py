"""The golden test: drawings, schema and page-script frames are byte for byte those of the files.

`python -m tests.golden` renews the files after an intended change. To see the changes, run
`python -m tests.golden --dump DIR` in both versions and compare the folders with `diff -r`.
"""

from tests.golden.kept import drawings, kept, schema
from tests.golden.story import told

_HOW = "Renew with `python -m tests.golden`; see what differs with `--dump DIR` in both versions."


async def test_everything_is_drawn_as_before() -> None:
    now, before = (await drawings()).hashes(), kept().drawn
    names = {*now, *before}
    otherwise = sorted(name for name in names if now.get(name) != before.get(name))
    said = "\n".join(otherwise[:40])
    assert not otherwise, f"{len(otherwise)} drawings are otherwise. {_HOW}\n{said}"


async def test_a_fresh_database_has_the_same_tables() -> None:
    assert await schema() == kept().schema, _HOW


async def test_a_page_script_and_the_chat_say_the_same() -> None:
    assert await told() == kept().script, _HOW
