"""Preferences: stored per person, and applied to all tabs of the person at once."""

from pathlib import Path

import pytest

from chat.errors import BadPreference
from chat.model.events import person_topic
from chat.model.preferences import Density, Preferences, SeedColour, SendKey, Theme
from chat.server.app import ChatServer
from chat.workspace.workspace import Workspace
from tests.conftest import NewUser
from tests.harness.client import SET
from tests.harness.control_tree import Control, texts_of
from tests.harness.domain import EventRecorder, sign_in
from tests.harness.user import ChatUser


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "black"),
        ("theme", ""),
        ("theme", "Theme.DARK"),
        ("theme", "dark\x00"),
        ("seed", "#4F46E5"),
        ("seed", "x" * 100_000),
        ("density", "0"),
        ("send_key", "shift+enter"),
        ("language", "xx"),
        ("language", ""),
        ("language", "../zh-CN"),
        ("name", "Bob"),
        ("but", "dark"),
        ("__class__", "dark"),
        ("", ""),
    ],
)
async def test_unknown_preference_or_value_is_refused(
    tmp_path: Path, name: str, value: str
) -> None:
    recorder = EventRecorder()
    workspace = await Workspace.open(tmp_path, recorder.on_event)
    (ann,) = await sign_in(workspace, "Ann")
    recorder.events.clear()
    with pytest.raises(BadPreference, match="There is no such option"):
        await workspace.identity.set_preference(ann, name, value)
    assert await workspace.identity.preferences(ann) == Preferences()
    assert recorder.events == []
    await workspace.close()


async def test_preferences_are_per_person_and_survive_a_restart(tmp_path: Path) -> None:
    recorder = EventRecorder()
    workspace = await Workspace.open(tmp_path, recorder.on_event)
    ann, bob = await sign_in(workspace, "Ann", "Bob")
    recorder.events.clear()
    for name, value in (("theme", "light"), ("theme", "dark"), ("seed", "rose")):
        await workspace.identity.set_preference(ann, name, value)
    await workspace.identity.set_preference(ann, "density", "compact")
    await workspace.identity.set_preference(ann, "send_key", "ctrl+enter")
    chosen = Preferences(Theme.DARK, SeedColour.ROSE, Density.COMPACT, SendKey.CTRL_ENTER)
    assert recorder.events[-1] == (person_topic(ann.id), chosen)
    assert {topic for topic, _ in recorder.events} == {person_topic(ann.id)}
    await workspace.close()
    workspace = await Workspace.open(tmp_path, recorder.on_event)
    assert await workspace.identity.preferences(ann) == chosen
    assert await workspace.identity.preferences(bob) == Preferences()
    await workspace.close()


def test_unknown_stored_preferences_are_ignored() -> None:
    stored = [("theme", "sepia"), ("font", "large"), ("seed", "teal")]
    assert Preferences.from_stored(stored) == Preferences(seed=SeedColour.TEAL)


# With the whole chat.


async def open_settings(person: ChatUser) -> None:
    """Open the settings from the sidebar."""
    await person.clicks("Settings")
    await person.until(lambda: person.find("SegmentedButton"))


def choice_group(person: ChatUser, value: str) -> Control:
    """The segmented button that has this value as a segment."""
    return next(
        each
        for each in person.find("SegmentedButton")
        if value in [segment["value"] for segment in each["segments"]]
    )


async def choose(person: ChatUser, value: str) -> None:
    """Select a segment. Like the real client, show it at once and report the value."""
    group = choice_group(person, value)
    group["selected"] = [value]
    await person.send_frame(SET, {"id": group["_i"], "props": {"selected": [value]}})
    await person.fires(group, "change", [value])


def theme_of(person: ChatUser) -> tuple[object, object, object]:
    """The theme mode, the seed colour and the text size of the page."""
    page = person.root
    theme = page["theme"]
    return (
        page.get("theme_mode", "system"),
        theme["color_scheme_seed"],
        theme["text_theme"]["body_medium"]["size"],
    )


def avatar_radii(person: ChatUser) -> set[float]:
    """The sizes of the avatars in the timeline."""
    radii = set[float]()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if value.get("_c") == "CircleAvatar":
                radii.add(value["radius"])
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(person.timeline.rows)
    return radii


async def test_new_person_starts_with_the_system_theme(new_user: NewUser) -> None:
    ann = await new_user()
    await ann.until(lambda: "theme" in ann.root)
    assert theme_of(ann) == ("system", "#4F46E5", 15)
    await ann.signs_in("Ann")
    await ann.until(lambda: ann.page_script.stored_theme == "system")
    assert theme_of(ann) == ("system", "#4F46E5", 15)


async def test_preference_change_applies_to_all_tabs_of_its_person_only(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    tab = await new_user(like=ann)
    await ann.composer.posts("hello")
    await tab.timeline.waits_for_message("hello")
    await bob.timeline.waits_for_message("hello")
    await tab.composer.types("not sent yet")
    await open_settings(ann)
    await choose(ann, "dark")
    for each in (ann, tab):
        await each.waits_until(
            lambda user: theme_of(user)[0] == "dark" == user.page_script.stored_theme
        )
    await ann.clicks("Teal")
    for each in (ann, tab):
        await each.waits_until(lambda user: theme_of(user)[1] == "#0D9488")
    await choose(ann, "compact")
    for each in (ann, tab):
        await each.waits_until(lambda user: theme_of(user)[2] == 14 and avatar_radii(user) == {14})
    assert (theme_of(bob), avatar_radii(bob), bob.page_script.stored_theme) == (
        ("system", "#4F46E5", 15),
        {18},
        "system",
    )
    # A new message has the new density, and the typed text is still in the field.
    await bob.composer.posts("me too")
    for each, size in ((ann, 14), (tab, 14), (bob, 18)):
        await each.timeline.waits_for_message("me too")
        assert avatar_radii(each) == {size}
    assert tab.composer.text == "not sent yet"
    await tab.composer.sends()
    await bob.timeline.waits_for_message("not sent yet")
    assert choice_group(ann, "dark")["selected"] == ["dark"]
    # The open settings of another tab show the new choice.
    await open_settings(tab)
    await choose(ann, "light")
    await tab.until(lambda: choice_group(tab, "light")["selected"] == ["light"])
    # A new tab starts with the stored preferences.
    new_tab = await new_user(like=ann)
    await new_tab.until(lambda: new_tab.timeline.rows)
    assert theme_of(new_tab) == ("light", "#0D9488", 14)


async def test_density_change_keeps_the_scroll_position(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    tab = await new_user(like=ann)
    for n in range(60):
        await ann.composer.posts(f"line {n}")
    await tab.timeline.waits_for_message("line 59")
    await tab.timeline.scrolls(900, extent=1800)
    await ann.composer.posts("below")
    await tab.waits_for_partial_text("1 new message")
    await open_settings(ann)
    await choose(ann, "compact")
    await tab.until(lambda: avatar_radii(tab) == {14}, seconds=15)
    await tab.waits_for_partial_text("Jump to the latest")
    assert "below" not in tab.timeline.texts
    assert tab.timeline.has_continuous_lines()


async def test_preference_changed_while_disconnected_applies_on_reconnect(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    tab = await new_user(like=ann)
    await ann.composer.posts("hello")
    await tab.timeline.waits_for_message("hello")
    await tab.disconnects()
    await open_settings(ann)
    await choose(ann, "compact")
    await ann.until(lambda: theme_of(ann)[2] == 14)
    await tab.opens("/")
    await tab.until(lambda: theme_of(tab)[2] == 14 and avatar_radii(tab) == {14})


async def test_ctrl_enter_preference_makes_enter_a_new_line(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await open_settings(ann)
    assert ann.sees_partial("Shift + Enter begins a new line.")
    await choose(ann, "ctrl+enter")
    await ann.until(lambda: ann.page_script.ctrl_enter_sends)
    await ann.waits_for_partial_text("Enter begins a new line. On a Mac")
    await ann.dialog.closes()
    await ann.composer.posts("one\ntwo")
    await bob.timeline.waits_for_message("one\ntwo")
    new_tab = await new_user(like=ann)
    await new_tab.until(lambda: new_tab.page_script.ctrl_enter_sends)
    assert not bob.page_script.ctrl_enter_sends


async def test_forged_preference_value_is_ignored(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await open_settings(ann)
    group = choice_group(ann, "dark")
    for forged in (["black"], [], ["dark", "light"], "dark", {"dark": 1}, [["dark"]], None, 7):
        await ann.send_frame(SET, {"id": group["_i"], "props": {"selected": forged}})
        await ann.fires(group, "change", forged)
    await ann.send_frame(SET, {"id": 1, "props": {"theme_mode": "dark"}})
    await choose(ann, "light")
    await ann.until(lambda: theme_of(ann)[0] == "light")


async def test_sign_out_resets_the_theme(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await open_settings(ann)
    await choose(ann, "dark")
    await ann.until(lambda: theme_of(ann)[0] == "dark")
    await ann.dialog.closes()
    await ann.leaves_chat()
    await ann.until(lambda: "Start chat" in texts_of(ann.root))
    assert theme_of(ann)[0] == "system"
    await ann.until(lambda: ann.page_script.stored_theme == "system")
