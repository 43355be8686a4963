"""Search on the screen: results while a person types, and what is wrong with a query."""

from tests.conftest import NewUser


async def test_query_is_narrowed_or_its_mistake_is_named(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.composer.posts("green apple")
    await ann.composer.posts("red apple")
    await ann.timeline.waits_for_message("red apple")
    await ann.search_dialog.opens()
    await ann.search_dialog.types("from: Bob apple")
    await ann.until(lambda: ann.search_dialog.results == ["green apple"])
    await ann.search_dialog.types("-from: Bob apple")
    await ann.until(lambda: ann.search_dialog.results == ["red apple"])
    await ann.search_dialog.types("before:tomorrow apple")
    await ann.waits_for_partial_text("“tomorrow” is not a day.")
    assert ann.search_dialog.results == []
    await ann.search_dialog.types("has:apple ")
    await ann.waits_for_partial_text("“has:apple” means nothing here.")
    await ann.search_dialog.types("in: lobby before:2030 apple")
    await ann.until(lambda: ann.search_dialog.results == ["red apple", "green apple"])
    assert ann.crashes == []


async def test_long_messages_are_found_and_shown_in_part(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.composer.posts("pear " * 1_500 + "needle " + "pear " * 400)
    await ann.composer.posts("😀" * 9_000)
    await ann.search_dialog.opens()
    await ann.search_dialog.types("needle")
    await ann.until(lambda: ["needle" in each for each in ann.search_dialog.results] == [True])
    await ann.search_dialog.types("😀" * 500)
    await ann.until(lambda: [each[:2] for each in ann.search_dialog.results] == ["😀😀"])
    assert all(len(each) <= 160 for each in ann.search_dialog.results)
