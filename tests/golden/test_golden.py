"""The golden test: drawings, schema and page-script frames are byte for byte those of the files.

`python -m tests.golden` renews the files after an intended change. To see the changes, run
`python -m tests.golden --dump DIR` in both versions and compare the folders with `diff -r`.
"""

from tests.golden.files import current_drawings, current_schema, stored_golden
from tests.golden.story import story_frames

_HELP = "Renew with `python -m tests.golden`; compare with `--dump DIR` in both versions."


async def test_everything_is_drawn_as_before() -> None:
    current, stored = (await current_drawings()).hashes(), stored_golden().hashes
    names = {*current, *stored}
    changed = sorted(name for name in names if current.get(name) != stored.get(name))
    first_names = "\n".join(changed[:40])
    assert not changed, f"{len(changed)} drawings have changed. {_HELP}\n{first_names}"


async def test_a_fresh_database_has_the_same_tables() -> None:
    assert await current_schema() == stored_golden().schema, _HELP


async def test_the_page_script_frames_are_the_same() -> None:
    assert await story_frames() == stored_golden().script, _HELP
