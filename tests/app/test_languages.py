"""Languages: people in one room each see the UI in their own language."""

from datetime import UTC, datetime

from playwright.sync_api import Browser, ViewportSize, expect

from chat.languages import ENGLISH, negotiate_language
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.ui.packing.row_cache import RowCache
from chat.ui.viewer import ViewerContext
from tests.conftest import NewUser
from tests.harness.browser import PHONE, Tab
from tests.harness.client import SET
from tests.harness.control_tree import texts_of
from tests.harness.process import ServerProcess
from tests.harness.user import ChatUser

CHINESE = negotiate_language("zh")


async def test_each_person_sees_the_room_in_their_own_language(new_user: NewUser) -> None:
    ann, bo = await new_user("Ann"), await new_user("Bo", language="zh-CN,zh;q=0.9")
    await ann.composer.posts("hello")
    for person in (ann, bo):
        await person.timeline.waits_for_message("hello")
    assert "Bo has joined the chat." in ann.timeline.texts
    assert "Bo 加入了聊天。" in bo.timeline.texts
    for person, opening in (
        (ann, ["This is the beginning of Lobby.", "Invite people", "Today"]),
        (bo, ["这是“大厅”的开始。", "邀请朋友", "今天"]),
    ):
        assert [each for each in person.timeline.texts if each in opening] == opening
    # The name of the lobby, too, until somebody renames it.
    assert (ann.header.title, bo.header.title) == ("Lobby", "大厅")
    await ann.waits_for_text("2 here")
    await bo.waits_for_text("2 人在线")
    assert ann.sees("Rooms") and bo.sees("房间") and not bo.sees("Rooms")


async def test_edited_label_is_shown_in_each_viewers_language(new_user: NewUser) -> None:
    ann, bo = await new_user("Ann"), await new_user("Bo", language="zh")
    await ann.composer.posts("first")
    await bo.timeline.waits_for_message("first")
    await ann.composer.starts_editing_last_message("first")
    await ann.composer.posts("second")
    await bo.until(lambda: bo.sees_partial("（已编辑）"))
    await ann.waits_for_partial_text("(edited)")
    assert not ann.sees_partial("已编辑")


async def test_typing_indicator_is_shown_in_each_viewers_language(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    bo = await new_user("Bo", language="zh")
    await ann.composer.types("h")
    await bob.timeline.waits_for_typing_status("Ann is typing…")
    await bo.timeline.waits_for_typing_status("Ann 正在输入…")


async def test_sign_in_error_is_shown_in_the_viewers_language(new_user: NewUser) -> None:
    await new_user("Ann")
    bo = await new_user(language="zh-TW")
    await bo.clicks("Start chat")
    await bo.until(lambda: bo.find("AlertDialog", open=True))
    assert bo.sees("欢迎来到 Flet Chat")
    await bo.fills(bo.name_field, "Ann")
    await bo.presses_enter(bo.name_field)
    await bo.until(lambda: bo.name_field.get("error") == "这里已经有人叫 Ann。要不要用“Ann 2”？")


async def test_snackbar_is_shown_in_the_viewers_language(new_user: NewUser) -> None:
    bo = await new_user("Bo", path="/room/nowhere", language="zh")
    await bo.snackbar.waits_for("没有这个房间，请从列表中选择。")


async def test_dialogs_are_shown_in_the_viewers_language(new_user: NewUser) -> None:
    bo = await new_user("Bo", language="zh")
    await bo.composer.posts("一条消息")
    await bo.message_menu.opens("一条消息")
    await bo.until(lambda: bo.dialog.is_open)
    assert {"回复", "置顶消息", "编辑", "删除"} <= set(texts_of(bo.dialog.control))
    await bo.dialog.dismisses()
    await bo.clicks("Rooms: new and all")
    await bo.until(lambda: bo.find("TextField", label="新房间名称"))


async def choose_language(person: ChatUser, language: str) -> None:
    """Choose a language in the settings."""
    await person.clicks("Settings")
    await person.until(lambda: person.find("RadioGroup"))
    chooser = person.find("RadioGroup")[-1]
    await person.send_frame(SET, {"id": chooser["_i"], "props": {"value": language}})
    await person.fires(chooser, "change", language)
    person.t = negotiate_language(person.language if language == "system" else language)


async def test_language_change_applies_to_all_tabs_and_keeps_the_draft(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    tab = await new_user(like=ann)
    await tab.composer.waits_for_text("")
    await ann.rooms_dialog.creates_room("Plans")
    await ann.composer.posts("hello")
    await ann.composer.types("not sent yet")
    await choose_language(ann, "zh-CN")
    for each in (ann, tab):
        each.t = CHINESE
        await each.waits_for_text("房间")
        await each.waits_until(lambda person: not person.dialog.is_open)
        assert not each.sees("Rooms")
    await ann.composer.waits_for_text("not sent yet")
    await ann.timeline.waits_for_message("Ann 创建了房间。")
    assert ann.header.title == "Plans" and "hello" in ann.timeline.texts
    await ann.composer.posts("still here")
    await ann.timeline.waits_for_message("still here")
    await tab.reloads("/room/plans")
    await tab.timeline.waits_for_message("still here")

    await ann.reloads("/room/plans")
    await ann.timeline.waits_for_message("Ann 创建了房间。")
    await choose_language(ann, "system")
    await ann.timeline.waits_for_message("Ann made this room.")
    assert not ann.crashes


async def test_unknown_language_is_refused(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await choose_language(ann, "xx")
    await ann.until(lambda: ann.sees_partial("There is no such option"))
    assert ann.sees("Rooms")


def test_packed_rows_are_shared_per_language() -> None:
    row_cache, ann = RowCache(), Person(1, "Ann")
    message = Message(1, 1, ann, MessageKind.JOINED, "", datetime(2026, 11, 21, 9, tzinfo=UTC), 1)
    chinese = row_cache.packed_row(message, None, ViewerContext(UTC, CHINESE))
    english = row_cache.packed_row(message, None, ViewerContext(UTC, ENGLISH))
    assert "Ann 加入了聊天。".encode() in chinese
    assert b"Ann has joined the chat." in english
    assert (
        row_cache.packed_row(message, None, ViewerContext(UTC, negotiate_language("zh-HK")))
        is chinese
    )
    assert row_cache.last_frame(ViewerContext(UTC, CHINESE)) is row_cache.last_frame(
        ViewerContext(UTC, negotiate_language("zh"))
    )
    assert row_cache.last_frame(ViewerContext(UTC, CHINESE)) is not row_cache.last_frame(
        ViewerContext(UTC, ENGLISH)
    )


def test_chinese_browser_gets_a_chinese_ui(browser: Browser, server: ServerProcess) -> None:
    width, height = PHONE
    size: ViewportSize = {"width": width, "height": height}
    context = browser.new_context(locale="zh-CN", viewport=size)
    tab = Tab(context, server.address).opens()
    tab.page.get_by_role("button", name="加入聊天").wait_for()
    tab.page.get_by_label("输入名字，加入聊天").wait_for()
    tab.signs_in("李华")
    tab.posts("我来了")
    tab.waits_for_text("我来了")
    tab.until(lambda: "李华 加入了聊天。" in tab.leaf_texts)
    assert "1 人在线" in tab.leaf_texts
    # Flutter's menus and labels for screen readers follow the language of the document.
    assert tab.page.evaluate("document.documentElement.lang") == "zh-CN"
    tab.takes_screenshot("chinese-phone-light")
    server.kill()
    bar = tab.page.locator("#connection-bar")
    expect(bar).to_have_text("连接已断开，仍可阅读和输入，正在重新连接…")
    context.close()
    assert tab.foreign_requests == [] == tab.page_errors
