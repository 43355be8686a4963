"""New messages of the rooms on the screen, read to a person with a screen reader."""

from tests.app.test_preferences import choose, open_settings, theme_of
from tests.conftest import NewUser
from tests.harness.hostile_clients import wait_until_processed


async def test_messages_of_others_are_read_once_the_page_has_semantics(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("unheard")
    await ann.timeline.waits_for_message("unheard")
    await ann.page_script.shows_semantics()
    await wait_until_processed(ann)
    await bob.composer.posts("a **bold** word")
    await bob.composer.posts("/me waves")
    await ann.composer.posts("mine")
    await ann.until(lambda: ann.page_script.announced)
    assert "; ".join(ann.page_script.announced) in {
        "Bob: a bold word. Bob: Bob waves",
        "Bob: a bold word; Bob: Bob waves",
    }
    assert bob.page_script.announced == []


async def test_of_many_messages_the_number_and_the_last_one_are_read(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.page_script.shows_semantics()
    await wait_until_processed(ann)
    for n in range(20):
        await bob.composer.posts(f"line {n}")
    await ann.until(lambda: "line 19" in "".join(ann.page_script.announced))
    assert len(ann.page_script.announced) <= 5
    assert ann.page_script.announced[-1].endswith("Bob: line 19")
    assert " new messages. Bob: line " in "; ".join(ann.page_script.announced)


async def test_only_the_rooms_on_the_screen_are_read(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.page_script.shows_semantics()
    await ann.rooms_dialog.creates_room("Garden")
    await bob.composer.posts("in the lobby")
    await bob.rooms_dialog.joins_room("Garden")
    await bob.composer.posts("in the garden")
    await ann.until(lambda: ann.page_script.announced)
    assert ann.page_script.announced == ["Bob: in the garden"]
    await bob.message_menu.runs("in the garden", "Reply in thread")
    await bob.composer.posts("in the thread")
    await ann.message_menu.runs("in the garden", "Reply in thread")
    await ann.timeline.waits_for_message("in the thread")
    await bob.composer.posts("next in the thread")
    await ann.until(lambda: ann.page_script.announced[-1] == "Bob: next in the thread")


async def test_nothing_is_read_to_a_person_who_wants_silence(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.page_script.shows_semantics()
    await open_settings(ann)
    await choose(ann, "silent")
    await choose(ann, "dark")
    await ann.until(lambda: theme_of(ann)[0] == "dark")
    await bob.composer.posts("shh")
    await ann.timeline.waits_for_message("shh")
    await choose(ann, "read")
    await choose(ann, "light")
    await ann.until(lambda: theme_of(ann)[0] == "light")
    await bob.composer.posts("listen")
    await ann.until(lambda: ann.page_script.announced)
    assert ann.page_script.announced == ["Bob: listen"]
