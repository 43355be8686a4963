"""What people do with messages: answer, quote, pin, react, link to them, follow them in threads."""

import re

import pytest

from chat.web.guard import rate_limit
from tests.app.test_rooms_on_screen import is_as_fresh
from tests.conftest import Knock
from tests.harness.user import Resident


async def test_a_thread_is_shown_where_it_hangs_and_shows_what_it_is_about(new_user: Knock) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    await ann.says("what about slugs?")
    await bob.reads("what about slugs?")
    await bob.acts("what about slugs?", "Reply in thread")
    await bob.until(lambda: bob.title == "Thread")
    assert bob.about == "in Lobby"
    assert bob.talk[:1] == ["Today"]
    assert bob.talk[-2:] == ["what about slugs?", "0 replies"]
    assert not [t for t in ann.talk if "repl" in t]
    await bob.says("beer traps")
    await bob.until(lambda: "1 reply" in bob.talk)
    for person in (ann, cem):
        await person.shows(lambda p: any(t.startswith("1 reply, last ") for t in p.talk))
        assert "beer traps" not in person.talk
    # Its author follows it; who only read the room does not.
    await ann.until(lambda: ann.places.get("what about slugs?") == "1")
    assert "what about slugs?" not in cem.places
    await ann.acts("what about slugs?", "Edit")
    await ann.has_words("what about slugs?")
    await ann.says("what about snails?")
    await bob.reads("what about snails?")
    assert "what about slugs?" not in bob.talk
    await ann.taps("what about snails?", "1 reply")
    await ann.until(lambda: ann.title == "Thread" and "beer traps" in ann.talk)
    await ann.says("they drown")
    await bob.reads("they drown")
    await bob.until(lambda: "2 replies" in bob.talk)
    await is_as_fresh(new_user, ann, bob, cem)
    await ann.clicks("Back to the room")
    await ann.until(lambda: ann.title == "Lobby")
    await ann.until(lambda: ann.is_marked("what about snails?"))
    assert "what about snails?" not in ann.places
    await bob.says("only some")
    await ann.has_place("what about snails?", "1")
    await ann.opens_thread("what about snails?")
    await ann.reads("only some")
    await is_as_fresh(new_user, ann, bob)


async def test_a_quote_says_what_it_quotes_and_leads_there(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.says("the plan")
    await bob.reads("the plan")
    await bob.acts("the plan", "Reply")
    await bob.until(lambda: bob.sees("Replying to Ann: the plan"))
    await bob.says("good")
    assert not bob.sees("Replying to Ann: the plan")
    for person in (ann, bob):
        await person.reads("good")
        assert person.quoted("good") == "Ann the plan"
    await ann.acts("the plan", "Edit")
    await ann.has_words("the plan")
    await ann.says("the new plan")
    for person in (ann, bob):
        await person.shows(lambda p: p.quoted("good") == "Ann the new plan")
    await ann.taps("good", "the new plan")
    await ann.until(lambda: ann.is_marked("the new plan"))
    assert re.fullmatch(r"/room/lobby/\d+", ann.address_bar)
    await ann.deletes("the new plan")
    for person in (ann, bob):
        await person.shows(lambda p: p.quoted("good") == "Ann Message deleted")
        # Something hangs on it: its place stays.
        assert person.talk.count("Message deleted") == 2
    await is_as_fresh(new_user, bob)
    await bob.takes_up("good")
    await bob.presses("escape")
    await bob.has_words("")


async def test_reactions_come_and_go_with_one_tap(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.says("cake!")
    await bob.reads("cake!")
    await bob.reacts("cake!", "🎉")
    await ann.until(lambda: ann.chips("cake!"))
    assert ann.chips("cake!") == {"🎉": (1, False, "Bob reacted with 🎉")}
    assert bob.chips("cake!") == {"🎉": (1, True, "Bob reacted with 🎉")}
    await ann.taps("cake!", "🎉 1")
    for person in (ann, bob):
        await person.shows(lambda p: p.chips("cake!").get("🎉", (0,))[0] == 2)
        assert person.chips("cake!") == {"🎉": (2, True, "Bob, Ann reacted with 🎉")}
    await bob.taps("cake!", "🎉 2")
    await bob.until(lambda: bob.chips("cake!") == {"🎉": (1, False, "Ann reacted with 🎉")})
    await is_as_fresh(new_user, ann, bob)
    await ann.taps("cake!", "🎉 1")
    for person in (ann, bob):
        await person.shows(lambda p: not p.chips("cake!"))
    await is_as_fresh(new_user, ann, bob)


async def test_sixteen_different_reactions_fit_below_a_message(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.says("many")
    for emoji in "👍👎🔥👏💯✅❌👀😀😅😉😍🤔😎😴😭":
        await ann.reacts("many", emoji)
        await ann.has_chip("many", emoji)
    await ann.touches("many")
    await ann.clicks("More emoji")
    await ann.searches_emoji("pizza")
    await ann.takes_emoji("🍕")
    await ann.until(lambda: ann.sees_any("16"))
    await ann.closes()
    assert len(ann.chips("many")) == 16
    await is_as_fresh(new_user, ann)


async def test_what_is_pinned_is_listed_for_everyone(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.says("rule one")
    await ann.says("chatter")
    await bob.reads("chatter")
    await bob.acts("rule one", "Pin to this room")
    for person in (ann, bob):
        await person.reads("pinned")
    await is_as_fresh(new_user, ann, bob)
    await ann.clicks("Pinned messages")
    await ann.until(lambda: ann.sees_any("pinned  ·"))
    await ann.chooses("rule one")
    await ann.until(lambda: ann.is_marked("rule one"))
    assert "Unpin" in await ann.can("rule one")
    await ann.acts("rule one", "Unpin")
    for person in (ann, bob):
        await person.loses("pinned")
    await bob.clicks("Pinned messages")
    await bob.sees_part("Nothing is pinned here.")
    await bob.closes()
    await is_as_fresh(new_user, ann, bob)


async def test_a_link_leads_to_the_message(new_user: Knock) -> None:
    ann = await new_user("Ann")
    await ann.says("find me")
    await ann.says("and not me")
    await ann.acts("find me", "Copy link")
    await ann.until(lambda: ann.copied)
    path = ann.copied[-1].removeprefix(ann.address)
    assert re.fullmatch(r"/room/lobby/\d+", path)
    await ann.acts("and not me", "Copy text")
    await ann.until(lambda: ann.copied[-1] == "and not me")
    bob = await new_user("Bob")
    await bob.reloads(path)
    await bob.until(lambda: bob.is_marked("find me"))
    assert not bob.is_marked("and not me")
    await bob.reloads("/room/lobby/999")
    await bob.is_told("There is no such message here.")
    await bob.until(lambda: bob.stands_in("Lobby"))
    await bob.says("here I am")
    await ann.reads("here I am")
    # What is said now is read by whoever stands at the end, and waits for nobody else.
    await bob.reloads(path)
    await bob.until(lambda: bob.is_marked("find me"))
    await ann.says("latest")
    await bob.reads("latest")


async def test_a_button_leads_down_to_whoever_reads_far_above(new_user: Knock) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for n in range(40):
        await ann.says(f"line {n}")
    await bob.reads("line 39")
    await bob.scrolls(300, 1000)
    assert not bob.sees("Jump to the latest")
    await bob.scrolls(900, 1000)
    await bob.until(lambda: bob.sees("Jump to the latest"))
    # What waits there says more.
    await ann.says("line 40")
    await bob.until(lambda: bob.sees("1 new message"))
    assert not bob.sees("Jump to the latest")
    await bob.clicks("1 new message")
    await bob.reads("line 40")
    await bob.scrolls(0, 1000)
    await bob.until(lambda: not bob.sees("Jump to the latest"))


async def test_history_is_read_both_ways_from_a_message_in_the_middle(
    new_user: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "BURST", 1e9)
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.makes_room("Garden")
    for n in range(1, 240):
        await ann.says(f"line {n}")
    # The first event of the room is its making.
    await bob.reloads("/room/garden/120")
    await bob.until(lambda: bob.is_marked("line 119"))
    assert bob.sees("Jump to the latest")
    assert bob.is_continuous()
    assert "line 239" not in bob.talk
    await ann.says("line 240")
    while "line 1" not in bob.talk:
        before = len(bob.talk)
        await bob.goes_up(1000)
        await bob.talk_grows(before)
    assert bob.is_continuous()
    while "line 240" not in bob.talk:
        await bob.goes_down_from(bob.talk[-1])
        assert bob.is_continuous()
    await bob.goes_down()
    await bob.until(lambda: not bob.sees("Jump to the latest"))
    await ann.says("line 241")
    await bob.reads("line 241")
    assert bob.is_continuous()
    await bob.reloads("/room/garden/60")
    await bob.until(lambda: bob.is_marked("line 59"))
    await bob.clicks("Jump to the latest")
    await bob.reads("line 241")
    assert bob.is_continuous()
    assert not bob.sees("Jump to the latest")
    await is_as_fresh_end(ann, bob)


async def is_as_fresh_end(*people: Resident) -> None:
    """All show the same end."""
    ends = [person.said[-40:] for person in people]
    assert all(end == ends[0] for end in ends)


async def test_who_looks_after_the_chat_deletes_and_what_follows_bears_the_name(
    new_user: Knock,
) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    for text in ("rude", "kind", "rude again"):
        await bob.says(text)
    await cem.reads("rude again")
    assert "Delete" not in await cem.can("rude")
    await cem.acts("rude again", "Reply")
    await cem.says("stop it")
    await ann.reads("stop it")
    await ann.deletes("rude")
    await ann.deletes("rude again")
    for person in (ann, bob, cem):
        await person.loses("rude")
        await person.reads("Message deleted")
        rows = ["Bob", "kind", "Message deleted", "Bob", "Message deleted", "Cem", "stop it"]
        assert [text for text in person.talk if text in rows] == rows
        assert "rude again" not in person.talk
        # The client draws an error in the place of a detector that hears nothing.
        for each in person.find("GestureDetector"):
            assert any(each.get(name) for name in each if name.startswith("on_")), each
    await is_as_fresh(new_user, ann, bob, cem)


async def test_names_are_suggested_while_they_are_written(new_user: Knock) -> None:
    ann, bob, bea = await new_user("Ann"), await new_user("Bob"), await new_user("Bea Ox")
    await ann.is_offered("hello @b", "Bea Ox*", "Bob")
    assert ann.captures
    await ann.presses("down")
    await ann.until(lambda: ann.suggested == ["Bea Ox", "Bob*"])
    await ann.presses("down")
    await ann.presses("tab")
    await ann.has_words("hello @Bea Ox ")
    await ann.until(lambda: not ann.suggested and not ann.captures)
    await ann.is_offered("hello @Bea Ox and @bo", "Bob*")
    await ann.takes("Bob")
    await ann.has_words("hello @Bea Ox and @Bob ")
    await ann.types("@b")
    await ann.until(lambda: ann.suggested)
    await ann.presses("escape")
    await ann.until(lambda: not ann.suggested)
    await ann.types("@bo")
    await ann.is_offered("@Bob and @e", "@everyone*")
    await ann.presses("up")
    await ann.sends()
    await ann.has_words("@Bob and @everyone ")
    await ann.sends()
    for person in (bob, bea):
        await person.reads("@Bob and @everyone ")
        assert person.is_called("@Bob and @everyone ")
        await person.clicks("Mentions")
        await person.chooses("@Bob and @everyone")
        await person.shows(lambda p: p.is_marked("@Bob and @everyone "))
    assert not ann.is_called("@Bob and @everyone ")
    await ann.clicks("Mentions")
    await ann.sees_part("Nobody has mentioned you yet.")
