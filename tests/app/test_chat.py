"""Two people chat, each through a headless client on the real server."""

import asyncio

import httpx
import pytest

from chat.model.people import Person as ChatPerson
from chat.server.app import ChatServer
from chat.ui.packing.control_ids import IDS_PER_MESSAGE
from chat.workspace.recovery import MAX_SENT_TEXTS
from chat.workspace.workspace import Workspace
from tests.conftest import NewUser
from tests.harness.control_tree import texts_of
from tests.harness.user import ChatUser


async def test_joins_and_messages_appear_in_order_for_everyone(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    bob = await new_user("Bob")
    await ann.composer.posts("Hello, Bob")
    await bob.composer.posts("Hi!")
    for person in (ann, bob):
        await person.timeline.waits_for_message("Hi!")
        texts = [t for t in person.timeline.texts if t in {"Hello, Bob", "Hi!"} or "joined" in t]
        assert texts == [
            "Ann has joined the chat.",
            "Bob has joined the chat.",
            "Hello, Bob",
            "Hi!",
        ]


async def test_messages_posted_during_a_sign_in_are_not_missed(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    bob = await new_user()
    await asyncio.gather(bob.signs_in("Bob"), ann.composer.posts("first"))
    for n in range(20):
        await ann.composer.posts(f"line {n}")
    await bob.until(lambda: "line 19" in bob.timeline.texts)
    assert [t for t in bob.timeline.texts if t.startswith("line")] == [
        f"line {n}" for n in range(20)
    ]
    assert bob.timeline.texts.count("first") == 1


async def test_concurrent_messages_appear_in_the_same_order_for_everyone(
    new_user: NewUser,
) -> None:
    people = [await new_user(name) for name in ("Ann", "Bob", "Cem")]

    async def post_lines(person: ChatUser, name: str) -> None:
        for n in range(33):
            await person.composer.posts(f"{name} {n}")

    await asyncio.gather(*(post_lines(p, n) for p, n in zip(people, "abc", strict=True)))
    for person in people:
        for name in "abc":
            await person.timeline.waits_for_message(f"{name} 32")
    orders = [[t for t in p.timeline.texts if t[:2] in {"a ", "b ", "c "}] for p in people]
    assert orders[0] == orders[1] == orders[2]


async def test_blank_name_shows_an_error_in_the_field(new_user: NewUser) -> None:
    ann = await new_user()
    await ann.clicks("Start chat")
    await ann.until(lambda: ann.find("AlertDialog", open=True))
    await ann.presses_enter(ann.name_field)
    await ann.until(lambda: ann.name_field.get("error") == "Name cannot be blank!")
    await ann.fills(ann.name_field, "Ann")
    await ann.clicks("Join chat")
    await ann.until(lambda: "Ann has joined the chat." in ann.timeline.texts)
    assert not ann.sees("Start chat")


async def test_taken_name_is_refused_with_a_free_suggestion(new_user: NewUser) -> None:
    await new_user("Ann")
    other = await new_user()
    await other.clicks("Start chat")
    await other.until(lambda: other.find("AlertDialog", open=True))
    await other.fills(other.name_field, "ANN")
    await other.presses_enter(other.name_field)
    await other.until(lambda: "is called ANN" in str(other.name_field.get("error")))
    assert other.name_field["value"] == "ANN"
    assert other.sees("ANN 3")
    await other.waits_for_partial_text("Is it you, ANN, on another device?")
    await other.clicks("ANN 2")
    await other.until(lambda: "ANN 2 has joined the chat." in other.timeline.texts)


async def test_url_with_username_signs_in_and_shows_a_welcome(new_user: NewUser) -> None:
    ada = await new_user()
    await ada.opens_as("Ada L")
    await ada.until(lambda: "Ada L has joined the chat." in ada.timeline.texts)
    assert ada.sees("Welcome, Ada L!")


async def test_url_with_an_invalid_username_opens_the_dialog_with_the_error(
    new_user: NewUser,
) -> None:
    ada = await new_user(path="/chat?username=%E2%80%AEadA")
    await ada.until(lambda: ada.find("AlertDialog", open=True))
    assert "turn the text around" in str(ada.name_field.get("error"))


async def test_reload_keeps_the_person_the_history_and_the_draft(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("before")
    await ann.composer.types("not sent yet")
    await ann.reloads()
    await ann.until(lambda: "before" in ann.timeline.texts)
    assert ann.composer.text == "not sent yet"
    await ann.composer.posts("after")
    assert sum("joined" in text for text in ann.timeline.texts) == 1


async def test_second_tab_of_a_browser_is_the_same_person(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    tab = ChatUser(ann.address)
    tab.cookies = ann.cookies
    await tab.opens()
    await tab.until(lambda: tab.sees("Welcome, Ann!"))
    await tab.composer.posts("from the other tab")
    await ann.until(lambda: "from the other tab" in ann.timeline.texts)
    await ann.until(lambda: ann.sees("1 here"))
    await tab.disconnects()


async def test_messages_missed_while_disconnected_load_on_reconnect(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.disconnects()
    for n in range(120):
        await ann.composer.posts(f"missed {n}")
    await bob.opens()
    await bob.until(lambda: "missed 119" in bob.timeline.texts)
    missed = [t for t in bob.timeline.texts if t.startswith("missed")]
    assert missed == [f"missed {n}" for n in range(120 - len(missed), 120)]
    assert len(missed) >= 40


async def test_person_who_disconnects_during_sign_in_is_offline_until_they_return(
    new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = await new_user("Ann"), await new_user()
    stored, resume, on_signed_in = asyncio.Event(), asyncio.Event(), Workspace.on_signed_in

    async def slow_on_signed_in(workspace: Workspace, person: ChatPerson) -> None:
        stored.set()
        await resume.wait()
        await on_signed_in(workspace, person)

    monkeypatch.setattr(Workspace, "on_signed_in", slow_on_signed_in)
    sign_in = asyncio.create_task(bob.signs_in("Bob"))
    await stored.wait()
    sign_in.cancel()
    await bob.disconnects()
    await ann.composer.posts("still alone")
    resume.set()
    await ann.timeline.waits_for_message("Bob has joined the chat.")
    await ann.composer.posts("he is not there")
    # A new session reads the whole list of online people, without Bob.
    tab = await new_user(like=ann)
    await tab.timeline.waits_for_message("he is not there")
    await tab.waits_for_text("1 here")
    await bob.opens()
    await bob.timeline.waits_for_message("he is not there")
    await ann.waits_for_text("2 here")
    await ann.composer.posts("now he is")
    await bob.timeline.waits_for_message("now he is")
    await ann.timeline.waits_for_message("now he is")
    assert bob.timeline.texts_without_divider == ann.timeline.texts_without_divider


async def give_chat_to(chat: ChatServer, name: str) -> None:
    """Make somebody the owner, so that others may leave."""
    people = await chat.workspace.all_people()
    by_id = {each.id: each for each in people}
    owner_id = chat.workspace.identity.owner_id
    assert owner_id is not None
    successor = next(each for each in people if each.name == name)
    await chat.workspace.ownership.hand_over(by_id[owner_id], successor)


async def test_signing_out_revokes_the_token_and_announces_it(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await give_chat_to(chat, "Bob")
    token = ann.token
    await ann.leaves_chat()
    await bob.timeline.waits_for_message("Ann and Bob have joined the chat. Ann has left the chat.")
    await ann.reloads()
    assert ann.token != token
    await ann.until(lambda: ann.sees("Start chat"))
    await bob.until(lambda: bob.sees("1 here"))


async def test_url_with_username_signs_in_a_tab_that_was_on_the_start_screen(
    new_user: NewUser,
) -> None:
    tom = await new_user()
    await tom.until(lambda: tom.sees("Start chat"))
    await tom.disconnects()
    await tom.opens_as("Tom")
    await tom.timeline.waits_for_message("Tom has joined the chat.")


LINKS_WITH_A_NAME = {
    "a name": ("/chat?username=Fool", "Fool"),
    "spaces": ("/chat?username=%20Sara%20", " Sara "),
    "of a room": ("/room/lobby?username=Fool", "Fool"),
    "the start": ("/?username=Fool&x=1", "Fool"),
    "the first of two": ("/chat?username=Fool&username=Tom", "Fool"),
    "of somebody here": ("/chat?username=Bob", "Bob"),
}


@pytest.mark.parametrize(("path", "name"), LINKS_WITH_A_NAME.values(), ids=LINKS_WITH_A_NAME)
@pytest.mark.parametrize("in_new_tab", [False, True], ids=["same tab", "new tab"])
async def test_url_with_another_username_changes_nothing_until_the_person_answers(
    new_user: NewUser, path: str, name: str, in_new_tab: bool
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    token = ann.token
    if in_new_tab:
        tab = await new_user(like=ann, path=path)
    else:
        tab = ann
        await ann.reloads(path)
    await tab.waits_for_text("You are here as Ann")
    question = f"Come in as {name} instead?"
    assert any(each.startswith(question) for each in texts_of(tab.root))
    (cancel,) = [each for each in tab.find("TextButton") if each.get("content") == "Cancel"]
    assert cancel["autofocus"]
    # The same link once more: one dialog.
    await tab.reloads(path)
    await tab.waits_for_text("You are here as Ann")
    assert len(tab.find("AlertDialog", open=True)) == 1
    await tab.clicks("Cancel")
    await tab.until(lambda: "?" not in tab.address_bar)
    await tab.composer.posts("still Ann")
    await bob.timeline.waits_for_message("still Ann")
    assert not [each for each in bob.timeline.texts if "left" in each]
    await tab.reloads("/")
    await tab.timeline.waits_for_message("still Ann")
    assert tab.token == token


async def test_url_with_the_own_name_asks_nothing(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.reloads("/chat?username=%20aNN")
    await ann.composer.posts("hello")
    assert not ann.dialog.is_open


async def test_person_who_confirms_comes_in_as_another_one(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    tab = await new_user(like=ann)
    await ann.reloads("/chat?username=Sara")
    await ann.clicks("Come in as Sara")
    await ann.waits_for_partial_text("You own this chat. Hand it over first")
    await give_chat_to(chat, "Bob")
    await ann.clicks("Come in as Sara")
    await ann.waits_for_text("Welcome, Sara!")
    events = "Ann, Bob and Sara have joined the chat. Ann has left the chat."
    await bob.timeline.waits_for_message(events)
    await tab.waits_for_text("Start chat")
    await ann.reloads("/chat?username=sara")
    await ann.until(lambda: ann.composer.control is not None)
    await ann.composer.posts("still Sara")
    assert bob.timeline.texts.count(events) == 1
    await ann.reloads("/chat?username=Bob")
    await ann.clicks("Come in as Bob")
    await ann.waits_for_partial_text("Somebody here is called Bob. How about “Bob 2”?")
    await ann.clicks("Cancel")
    await ann.composer.posts("Sara after all")
    await bob.timeline.waits_for_message("Sara after all")


async def test_stranger_is_asked_before_the_name_of_an_address_is_used(new_user: NewUser) -> None:
    ann, stranger = await new_user("Ann"), await new_user(path="/chat?username=Fool")
    await stranger.until(lambda: stranger.find("AlertDialog", open=True))
    assert stranger.name_field["value"] == "Fool"
    await ann.composer.posts("alone")
    assert ann.sidebar.online_people == ["Ann"]
    await stranger.fills(stranger.name_field, "Wise")
    await stranger.presses_enter(stranger.name_field)
    await ann.timeline.waits_for_message("Wise has joined the chat.")


async def test_sign_out_in_one_tab_applies_to_a_disconnected_tab(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    away = ChatUser(ann.address)
    away.cookies = ann.cookies
    await away.opens()
    await away.until(lambda: away.sees("Welcome, Ann!"))
    await away.disconnects()
    await ann.leaves_chat()
    await away.opens()
    await away.until(lambda: away.sees("Start chat"))
    await away.disconnects()


async def test_signing_in_under_another_name_signs_the_first_tab_out(new_user: NewUser) -> None:
    xena = await new_user()
    tab = ChatUser(xena.address)
    tab.cookies = xena.cookies
    await tab.opens()
    await xena.signs_in("Xena")
    await tab.clicks("Start chat")
    await tab.until(lambda: tab.find("AlertDialog", open=True))
    await tab.fills(tab.name_field, "Yoda")
    await tab.presses_enter(tab.name_field)
    # The cookie is newer than the page of this tab: the server loads it again, with the name.
    await tab.until(lambda: "launch_url" in tab.invoked_methods)
    await tab.reloads("/?username=Yoda")
    await tab.waits_for_text("You are here as Xena")
    await xena.composer.posts("still here")
    await tab.clicks("Come in as Yoda")
    await tab.waits_for_text("Welcome, Yoda!")
    # The first tab returns to the welcome screen; a reload opens it as Yoda.
    await xena.until(lambda: xena.sees("Start chat"))
    await xena.reloads()
    await xena.until(lambda: xena.sees("Welcome, Yoda!"))
    await tab.disconnects()


async def test_thirty_people_sign_in_and_each_sees_all_thirty(new_user: NewUser) -> None:
    people = [await new_user(f"P{n}") for n in range(30)]
    for person in people:
        await person.waits_for_text("30 here")
        await person.waits_for_text("P29")


async def test_control_ids_fit_into_32_bits_for_the_javascript_client(new_user: NewUser) -> None:
    # Browsers without WasmGC run the JavaScript client, which reads integers of 32 bits.
    ann = await new_user("Ann")
    await ann.composer.posts("hello")
    assert max(ann.control_ids) < 1 << 32


async def test_too_long_text_stays_in_the_field_with_an_error(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.types("x" * 10_001)
    await ann.composer.sends()
    await ann.until(lambda: ann.sees_partial("Shorten it by 1."))
    assert len(ann.composer.text) == 10_001
    await ann.composer.posts("x" * 10_000)
    await ann.until(lambda: not ann.sees_partial("Shorten it by"))


async def test_blank_text_is_not_sent(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("first")
    await ann.composer.types(" \n\u200b ")
    await ann.composer.sends()
    await ann.composer.posts("second")
    await ann.timeline.waits_for_message("second")
    assert ann.timeline.texts[-2:] == ["first", "second"]


async def test_text_typed_while_a_message_is_in_flight_is_sent_separately(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    composer = ann.composer.control
    assert composer is not None
    # The person types on before the server has removed the first text from the field.
    await ann.fills(composer, "one")
    await ann.composer.sends()
    await ann.fills(composer, "onetwo")
    await ann.composer.sends()
    await ann.until(lambda: "two" in ann.timeline.texts or "onetwo" in ann.timeline.texts)
    assert "one" in ann.timeline.texts
    assert "two" in ann.timeline.texts


async def test_consecutive_messages_of_an_author_show_the_name_once(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for text in ("one", "two"):
        await ann.composer.posts(text)
    await bob.composer.posts("three")
    await ann.composer.posts("four")
    await bob.until(lambda: "four" in bob.timeline.texts)
    names = [t for t in bob.timeline.texts if t in {"Ann", "Bob", "one", "two", "three", "four"}]
    assert names == ["Ann", "one", "two", "Bob", "three", "Ann", "four"]


async def test_message_times_use_the_viewers_time_zone(new_user: NewUser) -> None:
    ann = await new_user("Ann", zone="Asia/Kathmandu")
    bob = await new_user("Bob", zone="UTC")
    await ann.composer.posts("now")
    await bob.until(lambda: "now" in bob.timeline.texts)
    minute = {
        p: int(p.timeline.texts[p.timeline.texts.index("now") - 1].split(":")[1])
        for p in (ann, bob)
    }
    assert (minute[ann] - minute[bob]) % 60 == 45


async def test_new_messages_are_counted_while_the_reader_is_scrolled_up(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for n in range(3):
        await ann.composer.posts(f"early {n}")
    await bob.until(lambda: "early 2" in bob.timeline.texts)
    await bob.timeline.scrolls(500, extent=5000)
    for n in range(3):
        await ann.composer.posts(f"late {n}")
    await bob.until(lambda: bob.sees("3 new messages"))
    assert not any(t.startswith("late") for t in bob.timeline.texts)
    await bob.clicks("3 new messages")
    await bob.until(lambda: "late 2" in bob.timeline.texts)
    await bob.until(lambda: not bob.sees_partial("new message"))


async def test_scrolling_up_loads_older_pages_to_the_first_message(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    for n in range(130):
        await ann.composer.posts(f"line {n}")
    bob = await new_user("Bob")
    await bob.until(lambda: "line 129" in bob.timeline.texts)
    assert "line 0" not in bob.timeline.texts
    for _ in range(5):
        if "line 0" in bob.timeline.texts:
            break
        before = len(bob.timeline.texts)
        await bob.timeline.scrolls(4900, extent=5000)
        await bob.timeline.waits_until_grows(before)
    assert [t for t in bob.timeline.texts if t.startswith("line")] == [
        f"line {n}" for n in range(130)
    ]
    opening = bob.timeline.texts[: bob.timeline.texts.index("Today")]
    assert opening[:2] == ["Lobby", "This is the beginning of Lobby."]


async def test_narrow_page_moves_the_sidebar_into_a_drawer(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390)
    assert not ann.sees("Rooms")
    await ann.clicks("Rooms and people")
    await ann.until(lambda: "show_drawer" in ann.invoked_methods)
    await ann.resizes(1200)
    await ann.until(lambda: ann.sees("Rooms"))


async def test_field_put_by_the_page_while_offline_is_sent_and_restored(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await ann.disconnects()
    sent = {"client_id": "a1", "path": "/room/lobby", "text": "sent while away "}
    body = {"path": "/", "text": "sent while away typed while away", "sent": [sent]}
    async with httpx.AsyncClient(trust_env=False) as http:
        refused = await http.put(chat.url + "/words", json=body)
        http.cookies.update(ann.cookies)
        answers = [await http.put(chat.url + "/words", json=body) for _ in range(2)]
        odd = {**body, "sent": [{**sent, "client_id": "A-1"}]}
        assert (await http.put(chat.url + "/words", json=odd)).status_code == 422
        many = {**body, "sent": [sent] * (MAX_SENT_TEXTS + 1)}
        assert (await http.put(chat.url + "/words", json=many)).status_code == 422
    assert refused.status_code == 401
    assert [each.json() for each in answers] == [{"text": "typed while away", "path": None}] * 2
    await ann.opens()
    await ann.until(lambda: ann.composer.text == "typed while away")
    await ann.timeline.waits_for_message("sent while away ")
    assert ann.timeline.texts.count("sent while away ") == 1


async def test_full_field_shows_a_warning(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    max_length = ann.composer.field["max_length"]
    await ann.composer.types("x" * max_length)
    await ann.until(lambda: ann.sees_partial("The field is full."))
    await ann.composer.types("x" * (max_length - 1))
    await ann.until(lambda: not ann.sees_partial("The field is full."))
    # Four bytes a character is the longest text: its frame is still within the size limit.
    await ann.composer.types("😀" * max_length)
    await ann.until(lambda: ann.sees_partial("The field is full."))


async def test_tap_beside_a_message_opens_its_menu(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("hello")
    await ann.timeline.waits_for_message("hello")
    await ann.composer.types("Look,")
    await ann.message_menu.opens("hello")
    await ann.until(lambda: ann.sees("Mention Bob"))
    assert not ann.sees("Edit")
    # Ann signed in first: she is the owner and moderates the lobby.
    assert ann.sees("Delete")
    await ann.clicks("Mention Bob")
    await ann.until(lambda: ann.composer.text == "Look, @Bob ")
    row_id = ann.find("Container", on_click=True)[0]["_i"]
    for control, name in (
        (row_id, "hover"),
        (row_id + IDS_PER_MESSAGE * 50, "click"),
        (row_id + 1, "click"),
    ):
        await ann.fires({"_i": control}, name)
    await ann.composer.posts("Nothing else happened.")


async def test_edited_message_updates_everywhere_and_keeps_its_revision(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("teh first")
    await bob.timeline.waits_for_message("teh first")
    await ann.message_menu.opens("teh first")
    await ann.clicks("Edit")
    await ann.until(lambda: ann.composer.text == "teh first")
    await ann.waits_for_text("Editing your message")
    await ann.composer.types("the first")
    await ann.composer.sends()
    for person in (ann, bob):
        await person.timeline.waits_for_message("the first")
        await person.timeline.waits_for_message("(edited)")
        assert "teh first" not in person.timeline.texts
    await ann.until(lambda: ann.composer.text == "")
    await bob.message_menu.opens("the first")
    await bob.until(lambda: bob.sees_partial("teh first"))
    assert not bob.sees("Edit")


async def test_up_arrow_edits_the_last_message_and_escape_restores_the_draft(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("one")
    await ann.composer.posts("two")
    await ann.composer.types("half")
    await ann.message_menu.opens("one")
    await ann.clicks("Edit")
    await ann.until(lambda: ann.composer.text == "one")
    await ann.page_script.presses("escape")
    await ann.until(lambda: ann.composer.text == "half")
    await ann.composer.types("")
    await ann.composer.starts_editing_last_message("two")
    await ann.composer.types(" ")
    await ann.composer.sends()
    await ann.until(lambda: ann.sees_partial("There is nothing to send yet."))
    await ann.composer.types("three")
    await ann.composer.sends()
    await ann.timeline.waits_for_message("three")
    await ann.until(lambda: ann.composer.text == "")
    assert "two" not in ann.timeline.texts


async def test_deleted_message_disappears_for_everyone(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("a slip")
    await ann.composer.posts("stays")
    await bob.timeline.waits_for_message("stays")
    await ann.message_menu.opens("a slip")
    await ann.clicks("Delete")
    for person in (ann, bob):
        await person.timeline.waits_until_message_gone("a slip")
        # A message without replies or quotes leaves no row: the next one shows the author's name.
        name, _, text = person.timeline.texts[-3:]
        assert (name, text) == ("Ann", "stays")
    bob.received.clear()
    await bob.reloads()
    await bob.timeline.waits_for_message("stays")
    assert "Message deleted" not in bob.timeline.texts
    assert b"a slip" not in bob.received


async def test_owner_link_gives_the_chat_to_whoever_opens_it_first(
    new_user: NewUser, chat: ChatServer
) -> None:
    link = f"/chat?owner={chat.workspace.ownership.link_secret}"
    ann, bob = await new_user("Ann"), await new_user("Bob")
    assert "Delete" in await moderator_actions(ann, bob, "by Bob")
    # A request alone, as of a preview, spends nothing.
    await ann.http_get(link)
    stranger = await new_user(path=link)
    await stranger.signs_in("Cem")
    await stranger.waits_for_text("You own this chat now.")
    await stranger.until(lambda: "?" not in stranger.address_bar)
    assert "Delete" in await moderator_actions(stranger, bob, "by Bob again")
    assert "Delete" not in await moderator_actions(ann, bob, "by Bob once more")
    await bob.reloads(link)
    await bob.snackbar.waits_for("This link was used already")
    await bob.until(lambda: "?" not in bob.address_bar)


async def moderator_actions(person: ChatUser, author: ChatUser, text: str) -> list[str]:
    """The actions of a person on a new message of somebody else."""
    await author.composer.posts(text)
    await person.timeline.waits_for_message(text)
    return await person.message_menu.actions(text)


async def test_owner_hands_the_chat_over_before_they_leave(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob, cem = await new_user("Ann"), await new_user("Bob"), await new_user("Cem")
    assert "Delete" not in await moderator_actions(bob, cem, "one")
    await ann.clicks("Settings")
    await ann.clicks("Leave this chat")
    await ann.snackbar.waits_for("You own this chat. Hand it over first")
    await ann.sidebar.clicks_person("Bob")
    await ann.clicks("Moderate…")
    await ann.clicks("Hand the chat over")
    await ann.waits_for_partial_text("Bob owns this chat then.")
    await ann.clicks("Hand over")
    await ann.until(lambda: chat.workspace.identity.owner_id != 1)
    await ann.leaves_chat()
    await bob.timeline.waits_for_message("Ann has left the chat.")
    assert "Delete" in await moderator_actions(bob, cem, "two")
    assert "Delete" not in await moderator_actions(cem, bob, "three")
