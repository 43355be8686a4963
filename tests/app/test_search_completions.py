"""Completion of conditions in the field of the search: people, rooms, days and properties."""

import pytest

from chat.ui.autocomplete.popup import MAX_SHOWN
from tests.conftest import NewUser
from tests.harness.user import ChatUser

_WIDE = 1440.0


async def begins_search(user: ChatUser) -> None:
    """Open the search beside the room."""
    await user.page_script.presses("search")
    await user.panel.waits_for("Search messages")


async def types(user: ChatUser, query: str, *completions: str) -> None:
    """Type a query, and wait for exactly these completions."""
    await user.panel.types(query)
    await user.until(lambda: user.panel.completions == [*completions])
    await user.until(lambda: user.page_script.captures_choice_keys is bool(completions))


async def test_person_is_completed_with_the_keyboard(new_user: NewUser) -> None:
    ann, ben = await new_user("Ann", width=_WIDE), await new_user("Ben Ox")
    await ben.composer.posts("green apple")
    await ann.composer.posts("red apple")
    await new_user("Bea")
    await begins_search(ann)
    await types(ann, "apple")
    await types(ann, "apple from:b", "Bea*", "Ben Ox")
    await ann.page_script.presses("list down")
    await ann.until(lambda: ann.panel.completions == ["Bea", "Ben Ox*"])
    await ann.page_script.presses("tab")
    await ann.until(lambda: ann.panel.field["value"] == 'apple from:"Ben Ox" ')
    await ann.until(lambda: ann.panel.lines == ["green apple"])
    await ann.until(lambda: ann.panel.completions == [])
    # Enter chooses from the list too, and opens a result only when there is no list.
    await types(ann, "-from: be", "Bea*", "Ben Ox")
    await ann.page_script.presses("list up")
    await ann.page_script.presses("enter")
    await ann.until(lambda: ann.panel.field["value"] == '-from:"Ben Ox" ')
    await ann.until(lambda: not ann.page_script.captures_choice_keys)
    await ann.until(lambda: "red apple" in ann.panel.lines)
    assert ann.address_bar.startswith("/room/lobby/search")
    assert ann.crashes == []


async def test_only_rooms_that_the_searcher_may_read_are_offered(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann", width=_WIDE), await new_user("Bob", width=_WIDE)
    await ann.rooms_dialog.creates_room("Library", private=True)
    await bob.rooms_dialog.creates_room("Liberty Hall")
    await begins_search(bob)
    await types(bob, "in:l", "Liberty Hall*", "Lobby")
    await types(bob, "in:lib", "Liberty Hall*")
    await begins_search(ann)
    await types(ann, "in:lib", "Liberty Hall*", "Library")
    await ann.panel.clicks_completion("Library")
    await ann.until(lambda: ann.panel.field["value"] == "in:Library ")
    # A complete name leaves nothing to choose.
    await types(ann, "in:library")
    await types(ann, "in:liberty-hall")
    assert ann.crashes == []


async def test_escape_closes_the_list_and_not_the_search(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await new_user("Abe")
    await begins_search(ann)
    await types(ann, "from:a", "Abe*", "Ann")
    await ann.page_script.presses("escape")
    await ann.until(lambda: ann.panel.completions == [])
    assert ann.panel.title == "Search messages"
    # It stays closed for this condition.
    await types(ann, "from:an")
    await types(ann, "from:an in:", "Lobby*")
    # With the focus elsewhere there is no list.
    await ann.fires(ann.panel.field, "blur")
    await ann.until(lambda: ann.panel.completions == [])
    await ann.until(lambda: not ann.page_script.captures_choice_keys)
    await ann.fires(ann.panel.field, "focus")
    await ann.until(lambda: ann.panel.completions == ["Lobby*"])


@pytest.mark.parametrize(
    ("query", "completions", "chosen"),
    [
        ("has:", ["has:link*", "has:file", "has:image"], "has:link "),
        ("cat has:f", ["has:file*"], "cat has:file "),
        ("is:", ["is:pinned*"], "is:pinned "),
        ("-mentions:@", ["mentions:me*"], "-mentions:me "),
        ("before:", ["today*", "yesterday"], "before:today "),
        ("on: ye", ["yesterday*"], "on:yesterday "),
    ],
)
async def test_other_operators_offer_their_values(
    new_user: NewUser, query: str, completions: list[str], chosen: str
) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await begins_search(ann)
    await types(ann, query, *completions)
    await ann.page_script.presses("enter")
    await ann.until(lambda: ann.panel.field["value"] == chosen)
    await types(ann, chosen.strip())


async def test_chinese_day_is_offered_to_a_chinese_searcher(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE, language="zh-CN")
    await ann.page_script.presses("search")
    await ann.until(lambda: ann.panel.title)
    await types(ann, "on:昨", "昨天*")
    await types(ann, "on:t", "今天*")


async def test_what_is_typed_before_a_completion_arrives_stays(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await new_user("Bob")
    await begins_search(ann)
    await types(ann, "from:b", "Bob*")
    ann.receiving.clear()
    await ann.page_script.presses("tab")
    # The next letters are typed into the query that the client still has.
    await ann.panel.types("from:bappl")
    await ann.panel.types("from:bapple in:")
    ann.receiving.set()
    await ann.until(lambda: ann.panel.field["value"] == "from:Bob apple in:")
    await ann.until(lambda: ann.panel.completions == ["Lobby*"])
    # Where another text was put before it, nothing is replaced.
    await types(ann, "from:b", "Bob*")
    ann.receiving.clear()
    await ann.page_script.presses("tab")
    await ann.panel.types("in:lobby from:b")
    ann.receiving.set()
    await types(ann, "in:lobby from:bo", "Bob*")
    assert ann.crashes == []


async def test_search_begins_with_the_last_words_which_the_page_selects(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await begins_search(ann)
    assert not ann.page_script.selects_next_input
    await types(ann, "apple")
    await ann.until(lambda: ann.address_bar.endswith("apple"))
    await ann.panel.closes()
    await begins_search(ann)
    assert ann.panel.field["value"] == "apple"
    await ann.until(lambda: ann.page_script.selects_next_input)
    # (Flet would select them again whenever it draws the field.)
    assert "selection" not in ann.panel.field


async def test_condition_is_completed_without_a_page_script(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE, has_script=False)
    await new_user("Bob")
    await ann.clicks("Search messages")
    await ann.panel.waits_for("Search messages")
    await ann.panel.types("from:b")
    await ann.until(lambda: ann.panel.completions == ["Bob*"])
    await ann.panel.presses_enter()
    await ann.until(lambda: ann.panel.field["value"] == "from:Bob ")
    await ann.until(lambda: ann.panel.completions == [])
    await ann.until(lambda: any("“from:Bob”" in each for each in ann.panel.texts))
    # The words of the last search are selected, until something is typed.
    await ann.panel.closes()
    await ann.clicks("Search messages")
    await ann.panel.waits_for("Search messages")
    selection = ann.panel.field["selection"]
    assert (selection["base_offset"], selection["extent_offset"]) == (0, len("from:Bob"))
    await ann.panel.types("b")
    await ann.until(lambda: ann.panel.field.get("selection") is None)
    assert ann.crashes == []


async def test_change_before_the_end_of_a_query_completes_nothing(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    await new_user("Abe")
    await begins_search(ann)
    await types(ann, "apple from:a", "Abe*", "Ann")
    await types(ann, "red apple from:a")
    await types(ann, "red apple from:ab", "Abe*")


async def test_list_is_short_in_a_large_chat(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=_WIDE)
    for number in range(MAX_SHOWN + 2):
        await ann.rooms_dialog.creates_room(f"Garden {number}")
    await begins_search(ann)
    await ann.panel.types("in:gar")
    await ann.until(lambda: len(ann.panel.completions) == MAX_SHOWN)
    for number in range(1, MAX_SHOWN):
        await ann.page_script.presses("list down")
        await ann.until(lambda n=number: ann.panel.completions[n].endswith("*"))  # type: ignore[misc]
    await ann.page_script.presses("list down")
    await ann.until(lambda: ann.panel.completions[0] == "Garden 0*")


async def test_condition_is_completed_in_the_dialog_of_a_phone(new_user: NewUser) -> None:
    ann = await new_user("Ann", width=390.0)
    await new_user("Bob")
    await ann.search_dialog.opens()
    await ann.search_dialog.types("from:b")
    await ann.until(lambda: ann.search_dialog.completions == ["Bob*"])
    await ann.search_dialog.clicks_completion("Bob")
    await ann.until(lambda: ann.find("TextField", value="from:Bob "))
    await ann.until(lambda: ann.search_dialog.completions == [])
