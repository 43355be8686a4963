"""Permissions: the properties that a client may set, and the events that it may fire."""

import asyncio
import re
from typing import Any

import flet as ft
import pytest

from chat.server.app import ChatServer
from chat.web.guard.permissions import SessionPermissions
from chat.web.socket.connection import ChatConnection
from tests.conftest import NewUser
from tests.harness.client import EVENT, INVOKE, REGISTER, SET
from tests.harness.flet_internals import flet_sessions, id_of
from tests.harness.hostile_clients import (
    PAGE_PROPERTIES,
    REGISTER_BODY,
    encode_frame,
    page_of,
    raw_socket,
    wait_until_processed,
)
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


@pytest.mark.parametrize("character", ["x", "你", "😀", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
async def test_text_longer_than_its_field_is_not_taken(new_user: NewUser, character: str) -> None:
    ann = await new_user("Ann")
    short, unlimited = ft.TextField(max_length=20), ft.TextField()
    page_of(ann).add(short, unlimited)
    for field in (short, unlimited):
        for text in (20 * character, 20 * character + 400 * "x"):
            await ann.send_frame(SET, {"id": id_of(field), "props": {"value": text}})
    await wait_until_processed(ann)
    assert (short.value, unlimited.value) == (20 * character, 20 * character + 400 * "x")


async def test_client_may_set_only_editable_values_of_visible_controls(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    style = ft.TextStyle(size=10)
    field = ft.TextField(value="mine", text_style=style)
    fixed = ft.TextField(value="fixed", read_only=True)
    off = ft.TextField(value="off", disabled=True)
    hidden = ft.Column([ft.TextField(value="hidden")], visible=False)
    box = ft.Checkbox(value=False)
    removed = ft.TextField(value="gone")
    page.add(field, fixed, off, hidden, box, removed)
    page.remove(removed)
    in_hidden_column = hidden.controls[0]
    assert isinstance(in_hidden_column, ft.TextField)

    async def set_props(control: ft.BaseControl, **props: Any) -> None:
        await ann.send_frame(SET, {"id": id_of(control), "props": props})

    before = (page.client_ip, page.title, page.theme, list(page.views))
    await set_props(
        page, client_ip="6.6.6.6", title="mine", theme={"color_scheme_seed": "red"}, views=[]
    )
    await set_props(page, data=1, on_login=True, web=False, platform="ios", height=1e12, width="x")
    await set_props(field, visible=False, data="x", on_submit=1, read_only=True, error="x", _i=5)
    await set_props(field, text_style={"size": 99}, value=["a"], label="x", _values={})
    await set_props(field, value="edited", disabled=True)
    await set_props(box, value="yes")
    await set_props(box, value=True)
    for locked in (fixed, off, in_hidden_column, removed):
        await set_props(locked, value="broken in")
    await ann.send_frame(SET, {"id": 999_999_999, "props": {"value": "x"}})
    await ann.send_frame(SET, {"id": 2**40, "props": {"value": "x"}})
    await wait_until_processed(ann)

    assert (page.client_ip, page.title, page.theme, list(page.views)) == before
    assert (page.web, page.platform, page.height, page.data) == (
        True,
        ft.PagePlatform.LINUX,
        800.0,
        None,
    )
    assert page.on_login is None
    assert (field.value, field.visible, field.read_only, field.error) == (
        "edited",
        True,
        False,
        None,
    )
    assert (field.data, field.on_submit, field.label, field.disabled) == (None, None, None, False)
    assert style.size == 10
    assert box.value is True
    assert [each.value for each in (fixed, off, in_hidden_column, removed)] == [
        "fixed",
        "off",
        "hidden",
        "gone",
    ]


async def test_registration_accepts_only_plausible_page_values(chat: ChatServer) -> None:
    forged: dict[str, Any] = {
        "client_ip": "6.6.6.6",
        "title": "x",
        "platform": "toaster",
        "platform_brightness": "purple",
        "height": 1e15,
        "width": float("nan"),
        "media": {"padding": {"top": "x"}},
        "_i": 77,
        "route": 5,
        "window": {"visible": False},
        "on_close": True,
    }
    async with raw_socket(chat) as websocket:
        await websocket.send(
            encode_frame(REGISTER, {**REGISTER_BODY, "page": {**PAGE_PROPERTIES, **forged}})
        )
        await websocket.recv()
        (session,) = flet_sessions().values()
        page = session.page
        assert page.client_ip == "127.0.0.1"
        assert page.get_control(1) is page
        assert (page.platform, page.on_close) == (None, None)
        assert not page.height
        assert page.window.visible is True


async def test_events_of_unreachable_controls_are_dropped(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    fired: list[str] = []

    def button(name: str, **props: Any) -> ft.Button:
        return ft.Button(name, on_click=lambda: fired.append(name), **props)

    enabled, off, hidden, removed = (
        button("fine"),
        button("off", disabled=True),
        button("hidden", visible=False),
        button("gone"),
    )
    without_handler = ft.Button("deaf")
    in_hidden = button("in hidden")
    in_off = button("in off")
    in_closed = button("in closed")
    dialog = ft.AlertDialog(content=in_closed, on_dismiss=lambda: fired.append("dismissed"))
    row = ft.Row([in_hidden], visible=False)
    page.add(enabled, off, hidden, removed, without_handler, row, ft.Row([in_off], disabled=True))
    page.remove(removed)
    page.show_dialog(dialog)
    page.pop_dialog()
    # A control that is removed without an update, and one that was never added.
    being_removed, never_added = button("going"), button("nowhere")
    page.add(being_removed)
    page.controls.remove(being_removed)
    page.session.index[id_of(never_added)] = never_added
    connection = page.session.connection
    assert isinstance(connection, ChatConnection)
    permissions = SessionPermissions(connection)
    assert permissions.may_fire(id_of(enabled), "click", None)
    assert not any(
        permissions.may_fire(id_of(b), "click", None)
        for b in (without_handler, being_removed, never_added)
    )

    async def event(control: ft.BaseControl | int, name: str, data: Any = None) -> None:
        target = control if isinstance(control, int) else id_of(control)
        await ann.send_frame(EVENT, {"target": target, "name": name, "data": data})

    for each in (
        off,
        hidden,
        removed,
        being_removed,
        without_handler,
        in_hidden,
        in_off,
        in_closed,
        enabled,
    ):
        await event(each, "click")
    for name in ("hover", "nothing", "__class__", "click ", ""):
        await event(enabled, name)
    for target in (0, 424_242, 2**28, 2**32, 2**52, 2**63):
        await event(target, "click")
    await event(enabled, "click", {"control": 1, "name": "x"})
    await event(dialog, "dismiss")
    await ann.until(lambda: "dismissed" in fired)
    assert fired == ["fine", "dismissed"]
    assert ann.crashes == []


async def test_dropdown_value_must_be_one_of_its_options(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    fired: list[object] = []
    options = [ft.DropdownOption(key="a", text="A"), ft.DropdownOption(text="B")]
    box = ft.Dropdown(value="a", options=options, on_select=lambda event: fired.append(event.data))
    page.add(box)
    for value in ("z", "A", "", 5, None, ["a"], {"a": 1}, True):
        await ann.send_frame(SET, {"id": id_of(box), "props": {"value": value, "text": "z"}})
        if value is not None:
            await ann.send_frame(EVENT, {"target": id_of(box), "name": "select", "data": value})
    await wait_until_processed(ann)
    assert (box.value, box.text, fired) == ("a", None, [])
    await ann.send_frame(SET, {"id": id_of(box), "props": {"value": "B"}})
    await ann.send_frame(EVENT, {"target": id_of(box), "name": "select", "data": "B"})
    await ann.until(lambda: fired == ["B"])
    assert box.value == "B"


async def test_file_picker_reply_cannot_name_a_server_path(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    fired: list[object] = []
    pickers: list[ft.FilePicker] = []

    async def pick_files() -> list[ft.FilePickerFile]:
        picker = ft.FilePicker(
            on_upload=lambda event: fired.append(event.data),
            on_result=lambda event: fired.append(event.data),
        )
        pickers.append(picker)
        return await picker.pick_files()

    ann.answers_invocations = False
    pick_task = page.run_task(pick_files)
    await ann.until(lambda: b"pick_files" in ann.received)
    (picker,) = pickers
    (call,) = re.findall(rb"call_id[^a-zA-Z0-9]+(\w+?)\xa4name\xaapick_files", ann.received)
    file = {"id": 0, "name": "a", "size": 1, "path": "/etc/passwd", "bytes": None}
    for control in (id_of(picker), 1):
        reply = {"control_id": control, "call_id": call.decode(), "error": None}
        await ann.send_frame(INVOKE, {**reply, "result": [file]})
        await ann.send_frame(INVOKE, {**reply, "result": file})
    for name, data in (
        ("result", {"files": [file]}),
        ("upload", {"file_name": "a", "progress": 1.0, "error": None}),
    ):
        await ann.send_frame(EVENT, {"target": id_of(picker), "name": name, "data": data})
    await wait_until_processed(ann)
    assert fired == []
    assert not pick_task.done()
    await ann.send_frame(INVOKE, {**reply, "result": [{**file, "path": None}]})
    (chosen,) = await asyncio.wrap_future(pick_task)
    assert (chosen.name, chosen.path) == ("a", None)


async def test_forged_page_events_are_dropped(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    page = page_of(ann)
    fired: list[str] = []
    names = ("login", "logout", "close", "error", "views_pop_until", "view_pop", "multi_view_add")
    for name in names:
        setattr(page, f"on_{name}", lambda name=name: fired.append(name))
    page.on_route_change = lambda event: fired.append(event.route)
    page.on_keyboard_event = lambda event: fired.append(event.key)
    for name in (*names, "connect", "disconnect"):
        for forged in (None, {"error": "", "error_description": ""}, "x"):
            await ann.send_frame(EVENT, {"target": 1, "name": name, "data": forged})
    forged_routes: list[Any] = [
        None,
        5,
        {"route": 5},
        {"route": "/x", "control": 1},
        {"route": "/" * 3000},
    ]
    for data in forged_routes:
        await ann.send_frame(EVENT, {"target": 1, "name": "route_change", "data": data})
    await ann.send_frame(
        EVENT, {"target": 1, "name": "resize", "data": {"width": "x", "height": 1}}
    )
    await ann.send_frame(EVENT, {"target": 1, "name": "route_change", "data": {"route": "/seen"}})
    # (The handlers of this test change nothing on the screen.)
    await wait_until(lambda: "/seen" in fired)
    assert fired == ["/seen"]
    await bob.waits_for_text("2 here")
    assert ann.crashes == []
    assert not ann.sees_partial("Something went wrong")


async def test_reply_for_an_unknown_control_keeps_the_connection(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    body = {"control_id": 999_999, "call_id": "a", "result": None, "error": None}
    await ann.send_frame(INVOKE, body)
    await ann.composer.posts("still here")
