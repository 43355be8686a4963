"""A day of a team in Chromium: a story for each part of the screen.

Each story runs at one of four sizes; `--all-sizes` runs all of them, and takes a screenshot of each
step in both themes (`tests/artefacts/story-*.png`).
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_list_keys import READ_JS
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.screen import SIZES, Pictures, Screen, sizes_of
from tests.harness.team_chat import TeamChat, fill_team_chat
from tests.harness.threads import run_in_thread

NewScreen = Callable[..., Screen]

# From this height on, in pixels, all unread messages of the lobby are on the screen.
_HIGH = 1000


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each story at the size of its turn, or at all sizes."""
    if "size" in metafunc.fixturenames:
        names = [name for name in globals() if name.startswith("test_")]
        turn = names.index(metafunc.function.__name__) % len(SIZES)
        metafunc.parametrize("size", sizes_of(metafunc.config, SIZES[turn]), ids=str)


@pytest.fixture(scope="module")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TeamChat]:
    """The data folder of the team's chat, which no server has opened."""
    folder = tmp_path_factory.mktemp("team") / "data"
    return folder, run_in_thread(fill_team_chat(folder))


@pytest.fixture
def team_server(filled_folder: tuple[Path, TeamChat], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of its own for each story."""
    shutil.copytree(filled_folder[0], tmp_path / "data")
    server = ForkedServer(tmp_path / "data", "--web", "--no-browser").start()
    yield server
    server.kill_if_running()


@pytest.fixture
def new_screen(
    browser: Browser,
    team_server: ServerProcess,
    filled_folder: tuple[Path, TeamChat],
    size: tuple[int, int],
    request: pytest.FixtureRequest,
) -> Iterator[NewScreen]:
    """`new_screen()` is the screen of Ann; `new_screen(is_known=False)` is that of a stranger."""
    screens: list[Screen] = []
    name = "story-" + request.function.__name__.removeprefix("test_").split("_")[0]
    pictures = Pictures(name, request.config.getoption("--all-sizes"))

    def new_screen(*, is_known: bool = True) -> Screen:
        team = filled_folder[1] if is_known else None
        screens.append(Screen(browser, team_server.address, size, pictures=pictures, team=team))
        return screens[-1]

    yield new_screen
    for each in screens:
        each.ends()


def test_panels_open_beside_their_room_and_back_closes_them(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    ann.clicks(re.compile("3 replies"))
    ann.tab.waits_for_text("I can, with cherries")
    if not ann.is_phone:
        # (On a phone the keyboard would cover the thread.)
        expect(ann.tab.composer).to_be_focused()
    # The button of the room's unread messages is in the room only.
    assert ann.has_side_pane or not ann.button(re.compile("new messages above")).count()
    assert ("We meet at the boat house, as last year." in ann.tab.leaf_texts) == ann.has_side_pane
    ann.fits("thread")
    ann.page.go_back()
    ann.waits_for_path("/room/lobby")
    ann.tab.waits_for_text("We meet at the boat house, as last year.")
    ann.page.keyboard.press("Control+Shift+F")
    field = ann.page.locator("flt-semantics-host input").last
    expect(field).to_be_focused()
    ann.page.keyboard.type("cake")
    ann.tab.waits_for_text("1 found")
    ann.fits("search")
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_url(re.compile(r"/room/lobby/\d+"))
    ann.tab.waits_for_text("We meet at the boat house, as last year.")
    # Beside its room the search stays.
    assert bool(ann.button("Close the panel").count()) == ann.has_side_pane
    ann.opens()
    ann.clicks(re.compile("People in this room"))
    ann.tab.waits_for_text("🌴 Back on Monday")
    assert ("1 person voted" in ann.tab.leaf_texts) == ann.has_side_pane
    ann.fits("members")
    if ann.has_side_pane:
        ann.waits_for_path("/room/lobby/members")
    ann.page.go_back()
    ann.tab.until(lambda: "🌴 Back on Monday" not in ann.tab.leaf_texts)
    ann.waits_for_path("/room/lobby")


def test_menus_open_at_the_pointer_and_as_sheets_on_phones(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    point = ann.opens_message_menu("We meet at the boat house")
    ann.assert_menu_is_at(point)
    ann.fits("message-menu")
    ann.dialog.locator("flt-semantics", has_text="👍").last.click()
    ann.tab.until(lambda: "👍 1" in ann.tab.leaf_texts)
    ann.clicks("Choose an emoji")
    ann.dialog.wait_for()
    ann.fits("emoji-picker")
    assert (round(ann.dialog_box["width"]) == ann.width) == ann.is_phone
    ann.closes_dialog()
    ann.shows_sidebar()
    box = ann.button(re.compile("^design")).bounding_box()
    assert box is not None
    ann.assert_menu_is_at(ann.opens_menu(box))
    ann.fits("room-menu")
    ann.closes_dialog()


def test_rooms_have_an_order_and_are_found_by_a_few_letters(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    ann.shows_sidebar()
    tops = [ann.button(f"Hide {title}").bounding_box() for title in ("Favourites", "Threads")]
    assert all(tops)
    ann.fits("sections")
    box = ann.button(re.compile("^design")).bounding_box()
    assert box is not None
    ann.opens_menu(box)
    ann.dialog.get_by_role("button", name="Add to favourites").click()
    expect(ann.dialog).to_have_count(0)
    # Beside the private room that Ann chose before.
    ann.tab.until(lambda: "2" in ann.tab.leaf_texts)
    ann.page.get_by_label("Filter").first.click()
    ann.page.keyboard.type("ops e")
    expect(ann.button("bikes")).to_have_count(0)
    expect(ann.button(re.compile("^ops-eu"))).to_be_visible()
    ann.fits("filter")
    ann.page.locator("flt-semantics-host input").first.click()
    ann.page.keyboard.press("Enter")
    ann.waits_for_path("/room/ops-eu")
    ann.tab.waits_for_text("Thank you, I have read it.")
    ann.shows_sidebar()
    ann.clicks("Rooms: new and all")
    ann.tab.waits_for_text("Browse rooms")
    ann.fits("browse")
    ann.closes_dialog()
    ann.hides_sidebar()
    ann.page.keyboard.press("Control+k")
    expect(ann.dialog.locator("input")).to_be_focused()
    ann.page.keyboard.type("rel 27")
    ann.dialog.get_by_role("button", name=re.compile("release-2027")).wait_for()
    ann.fits("quick-switcher")
    ann.page.keyboard.press("Enter")
    ann.waits_for_path("/room/release-2027")


def test_people_have_cards_a_profile_and_invitations(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    ann.clicks(re.compile("People in this room"))
    ann.tab.waits_for_text("🌴 Back on Monday")
    ann.fits("members")
    ann.page.get_by_role("button", name="Back on Monday").last.click()
    ann.tab.waits_for_text("Rooms in common")
    ann.fits("card")
    ann.clicks("Mention")
    ann.tab.until(lambda: ann.tab.focused_text == "@Ben Okafor ")
    ann.shows_sidebar()
    ann.clicks("Your profile")
    ann.tab.waits_for_text("Save")
    ann.clicks(re.compile("At lunch"))
    ann.fits("profile")
    ann.clicks("Save")
    expect(ann.dialog).to_have_count(0)
    ann.hides_sidebar()
    ann.clicks("About this room")
    ann.tab.waits_for_text("9 in this room")
    ann.fits("about")
    ann.closes_dialog()
    ann.opens("/room/bikes")
    ann.clicks("About this room")
    ann.clicks("Invite people")
    field = ann.dialog.locator("input").first
    field.click(force=True)
    expect(field).to_be_focused()
    ann.page.keyboard.type("da")
    ann.dialog.get_by_role("button", name="Dana Ruiz").wait_for()
    ann.page.keyboard.press("Enter")
    ann.dialog.get_by_role("button", name="Take Dana Ruiz off the list").wait_for()
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    ann.page.keyboard.type("han")
    ann.dialog.get_by_role("button", name=re.compile("Hana Kim")).wait_for()
    ann.page.keyboard.press("Enter")
    ann.fits("invite")
    ann.clicks("Invite them")
    ann.tab.until(lambda: any("invited Dana Ruiz" in each for each in ann.tab.leaf_texts))


def test_talk_has_mentions_folded_joins_days_and_marks(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    ann.fits("room")
    if ann.height < _HIGH:
        pill = ann.button(re.compile("new messages above"))
        pill.wait_for()
        box, close = pill.bounding_box(), ann.button("Do not show them").bounding_box()
        assert box is not None and close is not None
        # Both are within the timeline, also on a phone.
        assert 0 <= box["x"] < close["x"] + close["width"] <= ann.width
        ann.clicks("Do not show them")
        expect(pill).to_have_count(0)
    ann.tab.posts("@Ben Okafor the **words** are better now")
    ann.tab.waits_for_text("@Ben Okafor the words are better now")
    ann.fits("mention")
    ann.opens("/room/lobby/10")
    ann.tab.until(lambda: any("and 7 others have joined" in x for x in ann.tab.leaf_texts))
    # The address of the message leads to it once.
    ann.waits_for_path("/room/lobby")
    ann.fits("days")
    ann.clicks(re.compile("Saturday"))
    ann.tab.waits_for_text("Go")
    ann.fits("calendar")
    ann.closes_dialog()


def test_field_formats_grows_and_offers_a_poll(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    expect(ann.tab.composer).to_have_attribute("aria-label", re.compile("Message #Lobby"))
    ann.tab.composer.click()
    ann.page.keyboard.type("bold")
    ann.page.keyboard.press("Control+a")
    ann.page.keyboard.press("Control+b")
    ann.tab.until(lambda: ann.tab.focused_text == "**bold**")
    ann.page.keyboard.press("End")
    for number in range(30):
        ann.page.keyboard.press("Shift+Enter")
        ann.page.keyboard.type(str(number))
    ann.fits("long-text")
    box = ann.tab.composer.bounding_box()
    assert box is not None
    assert 0.2 * ann.height < box["height"] < 0.45 * ann.height
    ann.page.keyboard.press("Control+a")
    ann.page.keyboard.press("Backspace")
    ann.clicks("Add to your message")
    ann.dialog.wait_for()
    ann.fits("add")
    ann.clicks("Poll")
    ann.tab.waits_for_text("New poll")
    for label, text in (("Question", "Where?"), ("Option 1", "Here"), ("Option 2", "There")):
        ann.page.get_by_label(label).click()
        ann.page.keyboard.type(text)
    ann.fits("poll")
    ann.clicks("Post the poll")
    ann.tab.waits_for_text("Where?")
    ann.opens_message_menu("We meet at the boat house")
    ann.clicks("Save for later")
    expect(ann.dialog).to_have_count(0)
    ann.fits("saved-toast")
    ann.shows_sidebar()
    ann.clicks("Saved and later")
    ann.dialog.get_by_role("button", name=re.compile("We meet at the boat house")).wait_for()
    ann.fits("saved")
    ann.closes_dialog()


def test_first_minute_leads_from_a_name_to_a_room_of_ones_own(new_screen: NewScreen) -> None:
    zoe = new_screen(is_known=False)
    zoe.page.goto(zoe.tab.address)
    expect(zoe.tab.name_field).to_be_focused()
    zoe.fits("start")
    zoe.page.keyboard.type("Zoe")
    zoe.page.keyboard.press("Enter")
    zoe.tab.waits_until_ready().waits_for_composer()
    zoe.fits("first-room")
    zoe.shows_sidebar()
    zoe.clicks("Rooms: new and all")
    zoe.page.get_by_label("Name of a new room").click()
    zoe.page.keyboard.type("Picnic")
    zoe.clicks("Make room")
    zoe.waits_for_path("/room/picnic")
    zoe.tab.waits_for_text("Invite them")
    zoe.fits("invite")
    zoe.clicks("Not now")
    zoe.tab.waits_for_text("This is the beginning of Picnic.")
    zoe.fits("opening")
    zoe.clicks("Set topic")
    zoe.page.get_by_label("Topic").click()
    zoe.page.keyboard.type("Saturday at the lake")
    zoe.page.keyboard.press("Enter")
    expect(zoe.dialog).to_have_count(0)
    zoe.tab.waits_for_text("Saturday at the lake")


def test_keys_reach_messages_and_their_menus(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    # The newest messages are on the screen, however high it is.
    ann.tab.posts("here I am")
    ann.page.keyboard.press("F6")
    ann.page.wait_for_function(f"() => ({READ_JS})().includes('here I am')")
    ann.fits("ring")
    ann.page.keyboard.press("ArrowUp")
    ann.page.wait_for_function(f"() => ({READ_JS})().includes('Lunch after the demo?')")
    ann.page.keyboard.type("r")
    ann.tab.until(lambda: any("Replying to" in each for each in ann.tab.semantics_leaves))
    ann.page.keyboard.type("with pleasure")
    ann.page.keyboard.press("Enter")
    ann.tab.waits_for_text("with pleasure")
    ann.page.keyboard.press("F6")
    ann.page.wait_for_function(f"() => ({READ_JS})().includes('with pleasure')")
    ann.page.keyboard.press("Enter")
    ann.dialog.wait_for()
    ann.fits("menu-by-key")
    ann.closes_dialog()


def test_notifications_show_their_state_and_notices_are_small(new_screen: NewScreen) -> None:
    ann = new_screen().opens()
    ann.shows_sidebar()
    ann.clicks("Settings")
    ann.fits("settings")
    ann.clicks("Sound, pauses and keywords")
    ann.page.get_by_label("Add a word or a phrase").click()
    ann.page.keyboard.type("picnic")
    ann.page.keyboard.press("Enter")
    ann.dialog.get_by_text("picnic").first.wait_for()
    ann.clicks("For 1 hour")
    ann.dialog.get_by_role("button", name="Turn on now").wait_for()
    ann.fits("notifications")
    ann.closes_dialog()
    ann.hides_sidebar()
    ann.tab.posts("wrong room")
    ann.opens_message_menu("wrong room")
    ann.clicks("Delete")
    undo = ann.button("Undo")
    undo.wait_for()
    ann.fits("toast")
    # The drawer of a phone closes: it would cover the offer.
    ann.shows_sidebar()
    box = ann.button(re.compile("^design")).bounding_box()
    assert box is not None
    ann.opens_menu(box)
    ann.clicks("Leave this room")
    # The offer of before may still be there.
    offer = ann.page.get_by_label("You left design.")
    ann.tab.until(lambda: offer.count() > 0)
    offer.get_by_role("button", name="Undo").wait_for()
    if ann.is_phone:
        expect(ann.button("Settings")).to_have_count(0)
    ann.fits("left")
    offer.get_by_role("button", name="Undo").click()
    ann.waits_for_path("/room/design")
