"""Rooms as people see them: made, found, joined, changed and left; and words in several of them."""

import asyncio

import pytest

from chat.rooms import typing_status
from tests.conftest import Knock
from tests.harness.user import Resident

NO_ROOM = "There is no such room. Choose one from the list."


async def is_as_fresh(new_user: Knock, *people: Resident) -> None:
    """Each screen is what another tab shows that is opened now at the same address."""
    for person in people:
        tab = await new_user(like=person, path=person.address_bar)
        await tab.is_pictured_as(person)
        await tab.disconnects()


async def test_a_public_room_is_found_joined_and_left(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.makes_room("Garden", "Roses and slugs")
    assert (ann.address_bar, ann.about, ann.place) == ("/room/garden", "Roses and slugs", "Garden")
    assert "Garden" not in bob.places
    assert await bob.browses() == ["Garden", "Lobby"]
    await bob.joins("Garden")
    for person in (ann, bob):
        await person.reads("Bob has joined the room.")
        assert person.said[-2:] == ["Ann made this room.", "Bob has joined the room."]
        assert person.places.keys() == {"Lobby", "Garden"}
    await bob.says("hello")
    await ann.reads("hello")
    await is_as_fresh(new_user, ann, bob)
    await bob.opens_about()
    await bob.acts_on("Leave this room")
    await bob.until(lambda: bob.title == "Lobby" and bob.address_bar == "/room/lobby")
    assert "Garden" not in bob.places
    await ann.reads("Bob has left the room.")
    await is_as_fresh(new_user, ann, bob)


async def test_nobody_sees_anything_of_a_private_room_until_invited(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    cem = await new_user("Cem")
    await ann.makes_room("Nest", private=True)
    await ann.says("only us")
    assert await bob.browses() == ["Lobby"]
    await bob.jumps("nest")
    await bob.jumps("lob", "Lobby")
    await bob.escapes()
    await ann.writes_about("Invite somebody by name", "bob")
    await ann.until(lambda: ann.dialog is None)
    await bob.opens_room("Nest")
    assert "only us" in bob.talk
    await bob.reads("Ann invited Bob.")
    await ann.opens_about()
    assert ann.sees("2 in this room")
    for name, why in (("bob", "Bob is in this room already."), ("Dan", "Nobody here is called")):
        await ann.writes_about("Invite somebody by name", name)
        await ann.sees_part(why)
    await ann.closes()
    await is_as_fresh(new_user, ann, bob, cem)
    assert cem.places == {"Lobby": ""}
    await bob.opens_about()
    await bob.acts_on("Leave this room")
    await bob.until(lambda: bob.title == "Lobby")
    await bob.reloads("/room/nest")
    await bob.is_told(NO_ROOM)
    await bob.until(lambda: bob.stands_in("Lobby"))


async def test_arrows_choose_where_to_jump(new_user: Knock) -> None:
    ann = await new_user("Ann")
    for title in ("Garden", "Gallery"):
        await ann.makes_room(title)
    await ann.jumps("ga", "Gallery", "Garden")
    await ann.until(lambda: ann.gives_arrows)
    await ann.presses("choose down")
    await ann.until(lambda: ann.chosen == ["Garden"])
    await ann.presses("choose down")
    await ann.until(lambda: ann.chosen == ["Gallery"])
    await ann.presses("choose up")
    await ann.until(lambda: ann.chosen == ["Garden"])
    # Other letters, and the first is chosen again.
    await ann.jumps("gar", "Garden")
    await ann.jumps("g", "Gallery", "Garden")
    assert ann.chosen == ["Gallery"]
    await ann.presses("choose up")
    await ann.until(lambda: ann.chosen == ["Garden"])
    await ann.presses_enter(ann.find("TextField", hint_text="Go to a room or a person")[-1])
    await ann.until(lambda: ann.stands_in("Garden") and ann.dialog is None)
    await ann.until(lambda: not ann.gives_arrows)
    # Nothing is chosen from any more. Ctrl+K twice, and it is there once, with arrows.
    await ann.presses("choose up")
    await ann.presses("jump")
    await ann.until(lambda: ann.chosen == ["Gallery"])
    await ann.presses("jump")
    await ann.presses("choose down")
    await ann.until(lambda: ann.chosen == ["Garden"] and ann.gives_arrows)
    assert len(ann.find("TextField", hint_text="Go to a room or a person")) == 1


async def test_what_is_to_be_called_otherwise_has_a_button(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.makes_room("Garden")
    await ann.opens_about()
    field = ann.find("TextField", label="Name")[-1]
    assert field["suffix"]["disabled"]
    await ann.fills(field, "Roses")
    await ann.event(field, "change", "Roses")
    await ann.until(lambda: not field["suffix"]["disabled"])
    await ann.event(field["suffix"], "click")
    await ann.until(lambda: ann.title == "Roses" and ann.dialog is None)


async def test_a_room_is_renamed_described_archived_and_reopened_for_all(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.makes_room("Kitchen")
    await ann.joins("Kitchen")
    elsewhere = await new_user("Cem")
    await elsewhere.joins("Kitchen")
    await elsewhere.opens_room("Lobby")
    everyone = (ann, bob, elsewhere)
    await bob.writes_about("Name", "Cantina")
    for person in everyone:
        await person.has_place("Cantina")
        await person.loses_place("Kitchen")
    await ann.until(lambda: ann.title == "Cantina" == ann.place)
    await ann.reads("Bob renamed the room to “Cantina”.")
    await ann.writes_about("Topic", "What there is")
    await bob.until(lambda: bob.about == "What there is")
    await ann.until(lambda: ann.dialog is None)
    # Who came in first looks after all rooms; who made it, after theirs.
    await elsewhere.opens_room("Cantina")
    await elsewhere.opens_about()
    assert not elsewhere.find("TextField", label="Name")
    assert not elsewhere.sees("Archive this room")
    await elsewhere.closes()
    await ann.opens_about()
    await ann.acts_on("Archive this room")
    for person in everyone:
        await person.may_not_write()
    await is_as_fresh(new_user, *everyone)
    await elsewhere.opens_room("Lobby")
    await elsewhere.loses_place("Cantina")
    await elsewhere.may_write()
    await bob.opens_about()
    await bob.acts_on("Reopen this room")
    for person in (ann, bob):
        await person.may_write()
    await elsewhere.has_place("Cantina")
    await bob.says("open again")
    await ann.reads("open again")
    await is_as_fresh(new_user, *everyone)


async def test_a_room_that_cannot_be_made_says_why_and_keeps_what_was_written(
    new_user: Knock,
) -> None:
    ann = await new_user("Ann")
    await ann.makes_room("Garden")
    for title, why in (("garden", "How about"), (" ", "cannot be blank"), ("x" * 41, "too long")):
        await ann.tries_to_make(title)
        await ann.sees_part(why)
        assert ann.find("TextField", label="Name of a new room")[-1]["value"] == title
        await ann.closes()
    assert ann.places.keys() == {"Lobby", "Garden"}


async def test_a_direct_conversation_is_between_two(new_user: Knock) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.talks_to("Bob")
    assert ann.about == ""
    assert ann.talk == ["This is the beginning of your conversation with Bob."]
    await ann.says("between us")
    await bob.has_place("Ann", "1!")
    await bob.opens_room("Ann")
    assert bob.talk[-1] == "between us"
    await bob.says("yes")
    await ann.reads("yes")
    await is_as_fresh(new_user, ann, bob)
    assert cem.places == {"Lobby": ""}
    await cem.reloads("/dm/ann")
    await cem.until(lambda: cem.title == "Ann")
    assert "between us" not in cem.talk
    await cem.reloads(bob.address_bar)
    await cem.is_told(NO_ROOM)
    await cem.until(lambda: cem.stands_in("Lobby"))


async def test_a_third_person_makes_another_conversation(new_user: Knock) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.talks_to("Bob")
    await ann.says("between us")
    await ann.writes_about("Talk with these and somebody else, by name", "Dan")
    await ann.sees_part("Nobody here is called")
    await ann.closes()
    await ann.writes_about("Talk with these and somebody else, by name", "cem")
    await ann.until(lambda: ann.title == "Bob, Cem" and ann.dialog is None)
    assert ann.talk == ["This is the beginning of your conversation with Bob, Cem."]
    await ann.says("all three")
    for person, title in ((bob, "Ann, Cem"), (cem, "Ann, Bob")):
        await person.has_place(title, "1!")
        await person.opens_room(title)
        assert person.talk[-1] == "all three"
    assert cem.places.keys() == {"Lobby", "Ann, Bob"}
    await is_as_fresh(new_user, ann, bob, cem)


async def test_addresses_that_lead_nowhere_leave_one_in_the_lobby(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.makes_room("Nest", private=True)
    await ann.says("hush")
    await ann.acts("hush", "Reply in thread")
    await ann.until(lambda: ann.title == "Thread")
    for path in ("/room/nest", "/room/nest/1", "/room/none", ann.address_bar, "/room/dm-1-3"):
        await bob.reloads(path)
        await bob.is_told(NO_ROOM)
        await bob.until(lambda: bob.stands_in("Lobby") and bob.address_bar == "/")
    await bob.reloads("/dm/Nobody")
    await bob.is_told("Nobody here is called Nobody.")
    await bob.until(lambda: bob.stands_in("Lobby"))
    await bob.says("still here")


async def test_words_are_kept_for_each_room(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.makes_room("Garden")
    await ann.types("about roses")
    await ann.opens_room("Lobby")
    assert ann.words == ""
    await ann.types("about nothing")
    await ann.opens_room("Garden")
    await ann.has_words("about roses")
    tab = await new_user(like=ann)
    await tab.has_words("about nothing")
    await tab.opens_room("Garden")
    await tab.has_words("about roses")
    await ann.reloads("/room/garden")
    await ann.has_words("about roses")
    await ann.sends()
    await ann.reads("about roses")
    await ann.has_words("")
    await ann.opens_room("Lobby")
    await ann.has_words("about nothing")
    await ann.opens_room("Garden")
    assert ann.words == ""


async def test_what_was_sent_before_switching_goes_to_the_old_room(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.makes_room("Garden")
    await bob.joins("Garden")
    for n in range(5):
        here, there = ("Garden", "Lobby") if n % 2 == 0 else ("Lobby", "Garden")
        await ann.types(f"to {here} {n}")
        await ann.sends()
        await ann.opens_room(there)
        assert f"to {here} {n}" not in ann.talk
    await ann.has_words("")
    await ann.opens_room("Garden")
    await bob.reads("to Garden 4")
    assert [t for t in bob.talk if t.startswith("to ")] == [f"to Garden {n}" for n in (0, 2, 4)]
    assert ann.words == ""
    await bob.opens_room("Lobby")
    assert [t for t in bob.talk if t.startswith("to ")] == [f"to Lobby {n}" for n in (1, 3)]
    await is_as_fresh(new_user, ann, bob)


async def test_switching_to_and_fro_while_messages_pour_in_ends_right(new_user: Knock) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.makes_room("Garden")
    await bob.joins("Garden")
    await cem.joins("Garden")
    await ann.opens_room("Lobby")

    async def pours(person: Resident, name: str) -> None:
        for n in range(25):
            await person.says(f"{name} {n}")

    pouring = asyncio.gather(pours(ann, "lobby"), pours(bob, "garden"))
    for _ in range(10):
        # Faster than any answer comes.
        for title in ("Lobby", "Garden", "Lobby", "Garden"):
            await cem.clicks_place(title)
        await cem.until(lambda: cem.stands_in("Garden"))
    await pouring
    await cem.reads("garden 24")
    assert [t for t in cem.talk if t[:6] in {"lobby ", "garden"}] == [
        f"garden {n}" for n in range(25)
    ]
    assert cem.address_bar == "/room/garden"
    await cem.has_place("Lobby", "25")
    await is_as_fresh(new_user, cem, bob)
    await cem.opens_room("Lobby")
    assert [t for t in cem.talk if t.startswith("lobby")] == [f"lobby {n}" for n in range(25)]
    await is_as_fresh(new_user, cem, ann)


async def test_the_browsers_back_button_leads_to_the_room_before(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.makes_room("Garden")
    await ann.says("rose")
    await ann.makes_room("Shed")
    await ann.goes_back()
    await ann.until(lambda: ann.stands_in("Garden"))
    assert "rose" in ann.talk
    await ann.goes_back()
    await ann.until(lambda: ann.stands_in("Lobby"))
    assert ann.address_bar == "/"


async def test_who_types_is_seen_by_the_others_in_the_room(
    new_user: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_status, "TYPING_TIMEOUT", 0.5)
    monkeypatch.setattr(typing_status, "TYPING_ANNOUNCE_INTERVAL", 0.0)
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.makes_room("Garden")
    await cem.joins("Garden")
    await ann.opens_room("Lobby")
    await ann.types("h")
    await bob.sees_typing("Ann is typing…")
    assert (ann.typing, cem.typing) == ("", "")
    await ann.says("hello")
    await bob.sees_typing("")
    await ann.types("i")
    await bob.types("me")
    await ann.sees_typing("Bob is typing…")
    await bob.sees_typing("Ann is typing…")
    await cem.opens_room("Lobby")
    await cem.sees_typing("")
    for person in (ann, bob):
        # Nobody typed on.
        await person.sees_typing("")


async def test_what_is_sent_leaves_the_words_of_the_other_room_alone(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.makes_room("Garden")
    await ann.opens_room("Lobby")
    await ann.types("begun here")
    await ann.opens_room("Garden")
    tab = await new_user(like=ann)
    await tab.has_words("begun here")
    await ann.types("to be sent")
    # So long that it is kept as begun.
    await tab.opens_room("Garden")
    await tab.until_kept("to be sent", "Lobby", "Garden")
    await ann.sends()
    await ann.opens_room("Lobby")
    await ann.has_words("begun here")
    await ann.opens_room("Garden")
    await ann.reads("to be sent")
    assert ann.words == ""
    await ann.opens_room("Lobby")
    await ann.reloads("/room/lobby")
    await ann.has_words("begun here")
    await ann.reloads("/room/garden")
    await ann.until(lambda: ann.stands_in("Garden"))
    await ann.has_words("")


async def test_what_a_slow_client_tells_of_the_old_words_is_not_taken_for_new_ones(
    new_user: Knock,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.makes_room("Garden")
    await bob.joins("Garden")
    await ann.opens_room("Lobby")
    await ann.types("begun here")
    await ann.opens_room("Garden")
    await ann.types("to be sent")
    ann.hears.clear()
    await ann.sends()
    await bob.reads("to be sent")
    await ann.clicks_place("Lobby")
    # The server shows the lobby already.
    tab = await new_user(like=ann)
    await tab.has_words("begun here")
    ann.hears.set()
    await ann.until(lambda: ann.stands_in("Lobby"))
    await ann.has_words("begun here")
    await ann.reloads("/room/lobby")
    await ann.until(lambda: ann.stands_in("Lobby"))
    tab = await new_user(like=ann)
    await tab.has_words("begun here")


async def test_a_dialog_acts_on_the_room_that_it_was_opened_in(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.says("in the lobby")
    await ann.makes_room("Garden")
    await ann.says("in the garden")
    # Both are number two or three of their rooms.
    await ann.says("also in the garden")
    await ann.opens_room("Lobby")
    await ann.touches("in the lobby")
    await ann.until(lambda: ann.dialog is not None)
    await ann.clicks_notice({"path": "/room/garden"})
    await ann.until(lambda: ann.title == "Garden")
    await ann.acts_on("Pin to this room")
    assert "pinned" not in ann.talk
    await ann.opens_room("Lobby")
    await ann.reads("pinned")
