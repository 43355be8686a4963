"""Panels beside the room on a wide screen: search, members, pins, files and mentions."""

import pytest

from chat.errors import NoSuchRoom
from chat.server.app import ChatServer
from chat.ui.screen.side_box import MAX_PANE_WIDTH, MIN_PANE_WIDTH
from chat.ui.theme.theme import SIDE_PANE_WIDTH
from tests.app.test_thread_pane import open_thread
from tests.conftest import NewUser
from tests.harness.control_tree import find_all, texts_of
from tests.harness.uploader import make_picture
from tests.harness.user import ChatUser

_WIDE, _NARROW, _PHONE = 1440.0, 1000.0, 390.0


async def search(user: ChatUser, words: str, *results: str) -> None:
    """Search beside the room, and wait for exactly these results."""
    if user.panel.title != "Search messages":
        await user.page_script.presses("search")
        await user.panel.waits_for("Search messages")
    await user.panel.types(words)
    await user.until(lambda: user.panel.lines == [*results])


async def waits_for_target(user: ChatUser, text: str) -> None:
    """Wait until the row of a message is marked, which a search found."""

    def marked_rows() -> list[str]:
        rows = user.timeline.rows
        marked = [each for each in rows if find_all("Container", each, bgcolor="tertiarycontainer")]
        return ["".join(texts_of(each)).replace(" ", "") for each in marked]

    await user.until(lambda: any(text.replace(" ", "") in each for each in marked_rows()))


async def steps(user: ChatUser, button: str, text: str) -> None:
    """Click “Next result” or “Previous result”, and wait until that leads to a message."""
    address = user.address_bar
    await user.clicks(button)
    await waits_for_target(user, text)
    # A second click is ignored until the first one is done.
    await user.until(lambda: user.address_bar != address)


async def test_results_stay_beside_the_room_while_a_person_steps_through_them(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("green apple")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.composer.posts("red apple")
    await search(ann, "apple", "red apple", "green apple")
    await ann.until(lambda: "2 found" in ann.panel.texts)
    await steps(ann, "Next result", "red apple")
    await ann.until(lambda: ann.panel.selected == ["red apple"])
    await ann.until(lambda: "1 of 2" in ann.panel.texts)
    await steps(ann, "Next result", "green apple")
    await ann.until(lambda: ann.header.title == "Lobby")
    await ann.until(lambda: ann.panel.selected == ["green apple"])
    await steps(ann, "Previous result", "red apple")
    assert ann.header.title == "Garden"
    assert ann.panel.lines == ["red apple", "green apple"]
    # A room that is chosen in the list leaves the results where they are.
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: ann.address_bar == "/room/lobby/search/apple")
    assert ann.panel.lines == ["red apple", "green apple"]


async def test_arrows_and_enter_open_results_and_the_focus_stays_in_the_field(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann", width=_WIDE)
    for text in ("first apple", "second apple", "third apple"):
        await ann.composer.posts(text)
    await ann.rooms_dialog.creates_room("Garden")
    await search(ann, "apple", "third apple", "second apple", "first apple")
    await ann.until(lambda: ann.page_script.captures_list_arrows)
    focus_commands = len(ann.page_script.focus_commands)
    for _ in range(2):
        await ann.page_script.presses("list down")
    await ann.until(lambda: ann.panel.selected == ["second apple"])
    assert ann.header.title == "Garden"
    await ann.panel.presses_enter()
    await waits_for_target(ann, "second apple")
    await ann.panel.presses_enter()
    await waits_for_target(ann, "first apple")
    await ann.page_script.presses("list up")
    await ann.until(lambda: ann.panel.selected == ["second apple"])
    assert len(ann.page_script.focus_commands) == focus_commands
    # In the message field the arrows do something else again.
    await ann.fires(ann.panel.field, "blur")
    await ann.page_script.presses("list up")
    await ann.composer.posts("fourth apple")
    assert ann.panel.selected == ["second apple"]


async def test_back_and_escape_close_a_panel_and_reload_brings_it_back(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("a/b & 50% of the apples?")
    await search(ann, "50% a/b", "a/b & 50% of the apples?")
    await ann.until(lambda: ann.address_bar == "/room/lobby/search/50%25%20a%2Fb")
    await steps(ann, "Next result", "a/b & 50% of the apples?")
    await ann.until(lambda: ann.address_bar == "/room/lobby/search/50%25%20a%2Fb")
    await ann.reloads(ann.address_bar)
    await ann.until(lambda: ann.page_script.captures_list_arrows)
    await ann.until(lambda: ann.panel.lines == ["a/b & 50% of the apples?"])
    assert not ann.panel.field.get("autofocus")
    await ann.page_script.presses("escape outside of the field")
    await ann.panel.waits_until_closed()
    await ann.until(lambda: ann.address_bar == "/room/lobby")
    # The last search is there again.
    await ann.page_script.presses("search")
    await ann.until(lambda: ann.panel.lines == ["a/b & 50% of the apples?"])
    assert ann.panel.field["value"] == "50% a/b"
    await ann.goes_back()
    await ann.panel.waits_until_closed()
    await ann.page_script.presses("search")
    await ann.panel.waits_for("Search messages")
    await ann.panel.closes()
    await ann.until(lambda: ann.address_bar == "/room/lobby")


async def test_steps_are_one_entry_of_the_history(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    for text in ("first apple", "second apple"):
        await ann.composer.posts(text)
    await ann.rooms_dialog.creates_room("Garden")
    await search(ann, "apple", "second apple", "first apple")
    for text in ("second apple", "first apple"):
        await steps(ann, "Next result", text)
    await ann.goes_back()
    await ann.panel.waits_until_closed()
    await ann.until(lambda: ann.header.title == "Garden")


async def test_search_only_here_follows_the_room(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("green apple")
    await ann.rooms_dialog.creates_room("Garden")
    await ann.composer.posts("red apple")
    await search(ann, "apple", "red apple", "green apple")
    await ann.panel.searches_only_here()
    await ann.until(lambda: ann.panel.lines == ["red apple"])
    await ann.until(lambda: ann.address_bar == "/room/garden/search-here/apple")
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: ann.panel.lines == ["green apple"])
    await ann.panel.searches_only_here(False)
    await ann.until(lambda: ann.panel.lines == ["red apple", "green apple"])


async def test_result_in_a_thread_is_shown_in_place_of_the_room(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    await open_thread(ann, "Who brings the cake?")
    await ann.composer.posts("apple cake")
    await ann.until(lambda: "apple cake" in ann.thread.texts)
    # The panel takes the place of the thread, and the other way round.
    await search(ann, "apple", "apple cake")
    await ann.until(lambda: not ann.thread.control)
    await ann.clicks("Next result")
    await ann.until(lambda: ann.header.title == "Thread")
    await ann.until(lambda: "apple cake" in ann.timeline.texts)
    assert ann.panel.lines == ["apple cake"]
    await ann.panel.closes()
    await ann.until(lambda: ann.thread.control and "apple cake" in ann.thread.texts)
    await ann.until(lambda: ann.header.title == "Lobby")


async def test_members_beside_the_room_come_and_go_and_follow_it(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob")
    await ann.rooms_dialog.creates_room("Garden")
    (button,) = [
        each for each in ann.find("Container") if each.get("tooltip") == "People in this room"
    ]
    await ann.fires(button, "click")
    await ann.panel.waits_for("People in this room")
    await ann.until(lambda: {"Invite people", "Here: 1"} < {*ann.panel.texts})
    await ann.until(lambda: ann.address_bar == "/room/garden/members")
    await bob.rooms_dialog.joins_room("Garden")
    await ann.until(lambda: "Here: 2" in ann.panel.texts and "Bob" in ann.panel.texts)
    cem = await new_user("Cem")
    assert cem.header.title == "Lobby"
    await ann.sidebar.opens_room("Lobby")
    await ann.until(lambda: "Here: 3" in ann.panel.texts and "Cem" in ann.panel.texts)
    await ann.until(lambda: ann.address_bar == "/room/lobby/members")
    await ann.panel.chooses("Cem")
    await ann.until(lambda: ann.dialog.is_open)


@pytest.mark.parametrize("width", [_WIDE, _NARROW, _PHONE])
async def test_address_of_a_panel_opens_it_on_every_screen(new_user: NewUser, width: float) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("rule one")
    await ann.message_menu.runs("rule one", "Pin to this room")
    await ann.clicks("Pinned messages")
    await ann.panel.waits_for("Pinned messages")
    tab = await new_user(like=ann, path=ann.address_bar, width=width)
    await tab.timeline.waits_for_message("rule one")
    if width == _WIDE:
        await tab.panel.waits_for("Pinned messages")
        await tab.until(lambda: tab.panel.lines == ["rule one"])
    else:
        await tab.until(lambda: tab.dialog.is_open and tab.sees("Pinned messages"))
        assert tab.panel.control is None
        await tab.until(lambda: tab.address_bar == "/room/lobby")
        await tab.dialog.closes()


async def test_panel_is_hidden_while_the_window_is_small(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("green apple")
    await search(ann, "apple", "green apple")
    await ann.resizes(_NARROW)
    await ann.panel.waits_until_closed()
    assert not ann.dialog.is_open
    await ann.resizes(_WIDE)
    await ann.until(lambda: ann.panel.lines == ["green apple"])
    await steps(ann, "Next result", "green apple")
    await ann.resizes(_NARROW)
    await ann.rooms_dialog.creates_room("Garden")
    await ann.resizes(_WIDE)
    await ann.until(lambda: ann.address_bar == "/room/garden")
    await ann.panel.waits_until_closed()


async def test_button_of_an_open_panel_closes_it(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.clicks("Pinned messages")
    await ann.panel.waits_for("Pinned messages")
    await ann.clicks("Mentions")
    await ann.panel.waits_for("Mentions")
    await ann.until(lambda: "Nobody has mentioned you yet." in ann.panel.texts)
    await ann.composer.posts("hello")
    await ann.clicks("Mentions")
    await ann.panel.waits_until_closed()
    await ann.until(lambda: ann.address_bar == "/room/lobby")


async def post_files(user: ChatUser, text: str, *names: str) -> None:
    """Post a message with files: pictures, and texts."""
    files = ((name, make_picture() if name.endswith(".png") else b"text") for name in names)
    await user.page_script.chooses_files(*files)
    await user.until(lambda: user.sees(names[-1]) and not user.find("ProgressBar"))
    await user.composer.posts(text)
    await user.timeline.waits_for_message(text)


def pictures(user: ChatUser) -> list[str]:
    """The labels of the pictures in the panel."""
    images = find_all("Image", user.panel.control)
    return [str(each["semantics_label"]).removeprefix("Picture ") for each in images]


async def choose_list(user: ChatUser, kind: str) -> None:
    """Choose the pictures or the other files in the panel."""
    (segments,) = find_all("SegmentedButton", user.panel.control)
    await user.sets(segments, selected=[kind])
    await user.fires(segments, "change", [kind])


async def test_files_beside_the_room_are_a_grid_and_lines_and_new_ones_appear(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob", width=_WIDE)
    await post_files(ann, "from the walk", "hill.png", "lake.png", "map.txt")
    await ann.clicks("Files and pictures")
    await ann.panel.waits_for("Files and pictures")
    await ann.until(lambda: pictures(ann) == ["hill.png", "lake.png"])
    await ann.until(lambda: ann.address_bar == "/room/lobby/files")
    # The gallery shows all pictures of the room from this one on.
    tile = [each for each in find_all("Container", ann.panel.control) if each.get("tooltip")][1]
    assert str(tile["tooltip"]).startswith("lake.png\nAnn")
    await ann.fires(tile, "click")
    await ann.until(lambda: ann.dialog.is_open and ann.sees("lake.png"))
    await ann.dialog.closes()
    await post_files(bob, "one more", "tree.png", "plan.txt")
    await ann.until(lambda: pictures(ann) == ["tree.png", "hill.png", "lake.png"])
    await choose_list(ann, "files")
    await ann.until(lambda: {"map.txt", "plan.txt"} < {*ann.panel.texts})
    assert pictures(ann) == []
    await ann.panel.chooses("plan.txt")
    await ann.until(lambda: ann.page_script.download_urls)
    assert ann.page_script.download_urls[-1].endswith("/plan.txt")
    (plan_jump, _) = find_all("IconButton", ann.panel.control, tooltip="Show the message")
    await ann.fires(plan_jump, "click")
    await waits_for_target(ann, "one more")
    assert ann.panel.title == "Files and pictures"
    await bob.message_menu.deletes("one more")
    await ann.until(lambda: "plan.txt" not in ann.panel.texts)
    await choose_list(ann, "pictures")
    await ann.until(lambda: pictures(ann) == ["hill.png", "lake.png"])
    # Files of the next room: there are none.
    await ann.rooms_dialog.creates_room("Garden")
    await ann.until(lambda: "No picture has been sent here." in ann.panel.texts)
    await ann.until(lambda: ann.address_bar == "/room/garden/files")


async def test_files_of_a_private_room_are_for_its_members(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob", width=_WIDE)
    await ann.rooms_dialog.creates_room("Nest", private=True)
    await post_files(ann, "secret plans", "plan.png")
    workspace = chat.workspace
    path = ann.address_bar
    nest, _ = await workspace.open_path(await workspace.find_person("Ann"), path)
    with pytest.raises(NoSuchRoom):
        await nest.files(await workspace.find_person("Bob"), pictures=True)
    await bob.goes_to(f"{path}/files")
    await bob.until(lambda: bob.snackbar.texts)
    assert bob.panel.control is None
    assert not bob.sees("plan.png")


async def test_pins_beside_the_room_change_at_once(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob")
    await ann.composer.posts("rule one")
    await bob.timeline.waits_for_message("rule one")
    await ann.clicks("Pinned messages")
    await ann.panel.waits_for("Pinned messages")
    assert ann.panel.lines == []
    await bob.message_menu.runs("rule one", "Pin to this room")
    await ann.until(lambda: ann.panel.lines == ["rule one"])
    await bob.message_menu.runs("rule one", "Unpin")
    await ann.until(lambda: ann.panel.lines == [])


async def test_files_are_in_the_dialog_about_the_room_on_a_phone(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_PHONE)
    await post_files(ann, "from the walk", "hill.png")
    await ann.room_dialog.opens()
    await ann.clicks("Files and pictures")
    await ann.until(
        lambda: find_all("Image", ann.dialog.control, semantics_label="Picture hill.png")
    )


async def test_edge_is_dragged_within_bounds_and_the_width_stays(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await ann.composer.posts("Who brings the cake?")
    await ann.clicks("Mentions")
    await ann.panel.waits_for("Mentions")
    assert ann.panel.width == SIDE_PANE_WIDTH
    for x, width in ((900.0, 540), (100.0, MAX_PANE_WIDTH), (1400.0, MIN_PANE_WIDTH), (880.0, 560)):
        await ann.panel.drags_edge(x)
        await ann.until(lambda width=width: ann.panel.width == width)  # type: ignore[misc]
    await ann.reloads(ann.address_bar)
    await ann.until(lambda: ann.panel.width == 560)
    # The room keeps its part of a smaller window.
    await ann.resizes(1150.0)
    await ann.until(lambda: ann.panel.width == 450)
    await ann.resizes(_WIDE)
    await ann.until(lambda: ann.panel.width == 560)
    await open_thread(ann, "Who brings the cake?")
    assert ann.thread.control and ann.thread.control["width"] == 560
