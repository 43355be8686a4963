"""Languages: the choice of a person's language, and complete catalogues."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message

from chat import languages
from chat.errors import BadName, ChatError, ModeratorRequired, TextTooLong, gettext_noop
from chat.languages import ENGLISH, negotiate_language
from chat.ui.viewer import ViewerContext, viewer_for
from tests.harness import translations

CHINESE = negotiate_language("zh-CN")

UPDATE_HINT = "run `python -m tests.harness.translations`, and translate what it leaves empty"

for_each_catalogue = pytest.mark.parametrize(
    "path", translations.catalogue_paths(), ids=lambda path: path.stem
)


def test_accept_language_header_selects_the_language() -> None:
    assert negotiate_language("zh-CN,zh;q=0.9,en;q=0.8") is CHINESE
    assert negotiate_language("en-GB,en;q=0.9,zh;q=0.8") is ENGLISH
    assert (
        negotiate_language("zh-TW")
        is negotiate_language("zh")
        is negotiate_language("ZH-hans-cn")
        is negotiate_language("zh_CN")
        is CHINESE
    )
    assert negotiate_language("fr;q=0.9, zh;q=0.5, en;q=0.7") is ENGLISH
    assert negotiate_language("zh;q=0, en") is ENGLISH


@pytest.mark.parametrize("accepted", [None, "", "*", "fr", "zh;q=x", ";;,,", "zh" * 9999, "../zh"])
def test_unknown_accept_language_falls_back_to_english(accepted: str | None) -> None:
    assert negotiate_language(accepted) is ENGLISH


def test_each_language_is_listed_under_its_own_name() -> None:
    assert [(each.tag, each.name) for each in languages.all_languages()] == [
        ("en", "English"),
        ("zh-CN", "中文"),
    ]


def test_added_catalogue_file_adds_a_language(tmp_path: Path) -> None:
    shutil.copytree(languages.FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "eo.po").write_text('msgid "English"\nmsgstr "Esperanto"\n', "utf-8")
    names = [each.name for each in languages.load_languages(tmp_path)]
    assert names == ["English", "Esperanto", "中文"]


def test_missing_translation_falls_back_to_english() -> None:
    assert CHINESE("No such sentence {here}.", here="at all") == "No such sentence at all."
    assert CHINESE.plural("{count} no", "{count} nos", 2) == "2 nos"


def test_braces_in_user_text_are_not_formatted() -> None:
    assert ENGLISH("{name} is in this room already.", name="{x}") == "{x} is in this room already."
    assert CHINESE.error(ChatError("a {x} that nobody filled")) == "a {x} that nobody filled"


def test_error_is_translated() -> None:
    error = TextTooLong(10_001, 10_000)
    assert str(error) == ENGLISH.error(error)
    assert str(error).startswith("This message has 10,001 characters and 10,000 fit.")
    assert CHINESE.error(error) == "消息有 10,001 个字符，上限为 10,000 个，请删去 1 个。"
    assert CHINESE.error(BadName("Name cannot be blank!")) == "名字不能为空！"


def test_phrase_inside_an_error_is_translated() -> None:
    error = ModeratorRequired(gettext_noop("rename it"))
    assert str(error) == "Only the moderators of this room can rename it. Ask one of them."
    assert CHINESE.error(error) == "只有这个房间的管理员可以重命名房间。请联系其中一位。"


def test_days_are_formatted_in_chinese() -> None:
    viewer = ViewerContext(UTC, CHINESE)
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    days = [datetime(2026, 11, each, 9, tzinfo=UTC) for each in (21, 20, 14)]
    assert [viewer.format_day(each, now) for each in days] == ["今天", "昨天", "11月14日 星期六"]
    before = datetime(2025, 3, 1, tzinfo=UTC)
    assert viewer.format_day(before, now) == "2025年3月1日 星期六"


def test_viewer_context_is_shared_per_zone_and_language() -> None:
    assert viewer_for("UTC", CHINESE) is viewer_for("UTC", negotiate_language("zh-TW"))
    assert viewer_for("UTC", CHINESE) != viewer_for("UTC", ENGLISH) == viewer_for("UTC")
    assert viewer_for("UTC", CHINESE) != viewer_for("Asia/Tokyo", CHINESE)


UI_MODULES = sorted((translations.CHAT_FOLDER / "ui").rglob("*.py"))


@pytest.mark.parametrize("path", UI_MODULES, ids=lambda path: path.stem)
def test_ui_module_has_no_untranslated_literal(path: Path) -> None:
    assert list(translations.untranslated_literals(path)) == [], (
        'write t("…"), or phrase("…") if it is said later'
    )


def test_untranslated_literal_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text(
        '"""Opens."""\n'
        'ft.IconButton(tooltip="Add", icon="add", key="k1")\n'
        'ft.Text(f"so {many} of them")\n'
        'widgets.icon_button(icon, "Search" if found else "Look")\n'
        'words = "Nothing was found."\n'
        'log.info("Made a room"); tasks.start(work, "work")\n'
        't("Hello"); gettext_noop("Good-bye"); BadName("No.")\n'
        'ft.Image(src="icons/icon.png"); ft.Text(t("Yes")); ft.Text(f"{a} · {b}")\n'
    )
    found = {each.partition(" ")[2] for each in translations.untranslated_literals(path)}
    assert found == {"“Add”", "“so ”", "“ of them”", "“Search”", "“Look”", "“Nothing was found.”"}


@for_each_catalogue
def test_every_message_of_the_code_is_translated(path: Path) -> None:
    known = {
        each.id
        for each in translations.read_catalogue(path)
        if each.id and all(translated_forms(each))
    }
    missing = [
        each.id for each in translations.extract_catalogue() if each.id and each.id not in known
    ]
    assert missing == [], UPDATE_HINT


@for_each_catalogue
def test_catalogue_has_no_obsolete_message(path: Path) -> None:
    needed = {each.id for each in translations.extract_catalogue()}
    assert [each.id for each in translations.read_catalogue(path) if each.id not in needed] == [], (
        UPDATE_HINT
    )


@for_each_catalogue
def test_translation_has_the_placeholders_of_its_message(path: Path) -> None:
    for each in translations.read_catalogue(path):
        sentences = (each.id,) if isinstance(each.id, str) else each.id
        allowed = set().union(*(placeholders(sentence) for sentence in sentences))
        for said in translated_forms(each) if each.id else ():
            # A form may leave out the count: “one reply”.
            assert allowed - {"count"} <= placeholders(said) <= allowed, f"{each.id} → {said}"


@for_each_catalogue
def test_catalogue_file_is_formatted_by_its_tool(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    shutil.copyfile(path, copy)
    translations.update_catalogue(copy)
    assert copy.read_text("utf-8") == path.read_text("utf-8"), UPDATE_HINT


def translated_forms(message: Message) -> tuple[str, ...]:
    """All forms of a translation."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return tuple(str(each) for each in forms)


def placeholders(message: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(message) if name}
