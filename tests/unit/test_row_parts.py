"""The parts of a row: a reaction's part depends on its emoji."""

from hypothesis import given
from hypothesis import strategies as st

from chat.model.messages import Reaction
from chat.store.queries.annotations import MAX_REACTION_EMOJI
from chat.text.emoji import all_emoji
from chat.ui.row_parts import FIRST_REACTION, SHOW_MORE, reaction_parts

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
