"""The parts of a row: a reaction's part depends on its emoji, that of a mention on its name."""

from hypothesis import given
from hypothesis import strategies as st

from chat.model.messages import Reaction
from chat.store.queries.annotations import MAX_REACTION_EMOJI
from chat.text.emoji import all_emoji
from chat.text.mentions import MENTION_LIMIT
from chat.ui.row_parts import (
    FIRST_MENTION,
    FIRST_REACTION,
    PART_LIMIT,
    SHOW_MORE,
    mention_parts,
    reaction_parts,
)

REACTIONS = st.lists(
    st.sampled_from([each.char for each in all_emoji()]), max_size=MAX_REACTION_EMOJI, unique=True
).map(lambda emoji: [Reaction(each, ()) for each in emoji])


@given(REACTIONS)
def test_each_reaction_has_a_part_of_its_own(reactions: list[Reaction]) -> None:
    parts = reaction_parts(reactions)
    assert len(set(parts)) == len(reactions)
    assert all(FIRST_REACTION <= each < SHOW_MORE for each in parts)


@given(REACTIONS)
def test_part_of_a_removed_reaction_goes_to_no_other(reactions: list[Reaction]) -> None:
    parts = reaction_parts(reactions)
    for n, (reaction, part) in enumerate(zip(reactions, parts, strict=True)):
        if [part] == reaction_parts([reaction]):
            assert part not in reaction_parts(reactions[:n] + reactions[n + 1 :])


NAMES = st.lists(st.text(min_size=1, max_size=8), max_size=MENTION_LIMIT, unique=True)


@given(NAMES)
def test_each_mentioned_name_has_a_part_of_its_own(names: list[str]) -> None:
    parts = mention_parts(names)
    assert parts.keys() == set(names)
    assert len(set(parts.values())) == len(names)
    assert all(FIRST_MENTION <= each < PART_LIMIT for each in parts.values())


@given(NAMES)
def test_part_of_a_name_that_was_edited_away_goes_to_no_other(names: list[str]) -> None:
    parts = mention_parts(names)
    for name, part in parts.items():
        if mention_parts([name]) == {name: part}:
            others = mention_parts(each for each in names if each != name)
            assert part not in others.values()
