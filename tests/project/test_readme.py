"""The README is correct: its commands, its tables, its pictures and paths."""

import re
import sys
from pathlib import Path

import pytest

from chat.server.app import ChatServer
from chat.server.settings import Settings, all_settings
from chat.web.http.index_page import build_page
from chat.workspace.commands import COMMANDS
from tests.harness.domain import sign_in
from tests.harness.shell import Shell
from tests.project.readme_pictures import PICTURES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_readme_lists_every_setting() -> None:
    found = re.findall(
        r"^\| `(--[a-z-]+)(?: [A-Z]+)?` \| `(CHAT_[A-Z_]+)` \| (.*?) \| (.*?) \|$", README, re.M
    )
    lines = {flag: (env, default, words) for flag, env, default, words in found}
    assert set(lines) == {each.flag for each in all_settings()}
    for each in all_settings():
        env, default, words = lines[each.flag]
        assert (env, words) == (each.env, each.help_info.text)
        value = getattr(Settings(), each.name)
        if each.value_type is bool:
            assert default == "off"
        elif each.value_type is not Path:
            assert default == (f"`{value}`" if value != "" else "none")


def test_readme_lists_every_command() -> None:
    found = dict(re.findall(r"^\| `(/[^`]+)` \| (.*?) \|$", README, re.M))
    wanted = {f"/{x.name} {x.usage}".strip(): x.description for x in COMMANDS.values()}
    assert found == wanted


def test_ci_runs_the_test_command_of_the_readme() -> None:
    run, test = re.findall(r"^```\n(.*?)\n```$", README, re.M)[:2]
    assert "python main.py" in run
    assert test in (ROOT / ".ci" / "run").read_text("utf-8")


def test_every_link_target_of_the_readme_exists() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_one_command_renews_the_pictures_of_the_readme() -> None:
    named = re.findall(r"\(docs/([\w-]+)\.png\)", README)
    assert sorted(named) == sorted(PICTURES)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
async def test_part_about_scripts_runs_as_it_is(chat: ChatServer, tmp_path: Path) -> None:
    ann = (await sign_in(chat.workspace, "Ann"))[0]
    shell = Shell(tmp_path / "data")
    part = README.partition("## From a script\n")[2].partition("\n## ")[0]
    ((script,), (lines,)) = (
        re.findall(rf"^```{kind}\n(.*?)^```$", part, re.M | re.S) for kind in ("python", "sh")
    )
    (tmp_path / "script.py").write_text(script, "utf-8")
    (tmp_path / "backup.log").write_text("done")
    make = "make() { echo compiling; echo failed >&2; }"
    code, printed = await shell.runs(f"set -e\n{make}\npython script.py\n{lines}")
    assert (code, printed) == (0, "")
    lobby = await chat.workspace.rooms.by_slug(ann, "lobby")
    last = lobby.last_number
    posted = [await lobby.message(ann, number) for number in range(last - 3, last + 1)]
    assert [each.text for each in posted] == [
        "The build is **green**.",
        "Results\n\n| epoch | loss |\n| ---: | ---: |\n| 1 | 0.5 |\n| 2 | 0.25 |",
        "The backup is done.",
        "```\ncompiling\nfailed\n```",
    ]
    assert {each.author.name for each in posted} == {"script"}
    assert [each.name for each in posted[1].files + posted[2].files] == ["table.csv", "backup.log"]


def test_every_package_is_in_the_layout() -> None:
    layout = README.split("## Layout")[1].split("### Where")[0]
    names = {p.name for p in (ROOT / "chat").iterdir() if p.suffix == ".py" or p.is_dir()}
    for name in names - {"__init__.py", "__main__.py", "__pycache__"}:
        assert f"  {name.removesuffix('.py')}" in layout, name


def test_every_path_that_the_readme_names_exists() -> None:
    """The table "Where to add what" names files below the root, `chat/` or `assets/`."""
    table = README.split("### Where to add what")[1]
    named = re.findall(r"`((?:[\w-]+/)*[\w-]+(?:\.\w+|/))`", table)
    assert named
    for name in named:
        assert any((ROOT / top / name).exists() for top in ("", "chat", "assets")), name


def test_readme_names_what_a_proxy_has_to_give() -> None:
    """The addresses of the page begin at the root of its host, without the setting."""
    assert '<base href="/">' in build_page("Chat", "0")["index.html"].decode()
    assert '<base href="/team/">' in build_page("Chat", "0", "/team")["index.html"].decode()
    assert "`--origin`" in README
    assert "`--base-path`" in README


def test_readme_names_all_files_of_a_backup() -> None:
    (backup,) = re.findall(r"- A backup is .*?(?=\n- )", README, re.DOTALL)
    for name in ("chat.db", "chat.db-wal", "files"):
        assert f"`{name}`" in backup
