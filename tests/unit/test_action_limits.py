"""How often a person may do something: bursts, waits, and what is kept of people who do nothing."""

from hypothesis import given
from hypothesis import strategies as st

from chat.action_limits import ActionLimit

COUNT, SECONDS = 3, 60.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_person_may_act_so_many_times_and_then_has_to_wait() -> None:
    clock = Clock()
    limit = ActionLimit(SECONDS, clock=clock)
    for at in (0.0, 10.0, 20.0):
        clock.now = at
        assert limit.record(1, COUNT) == 0
    assert limit.record(1, COUNT) == 40
    assert limit.record(2, COUNT) == 0, "another person"
    clock.now = 59.0
    assert limit.record(1, COUNT) == 1
    clock.now = 60.0
    assert limit.record(1, COUNT) == 0
    assert limit.record(1, COUNT) == 10, "the second of the first three is 50 seconds ago"


@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0, 40)), max_size=60))
def test_no_more_than_the_limit_within_any_time_and_no_one_is_kept_longer(
    steps: list[tuple[int, float]],
) -> None:
    clock = Clock()
    limit = ActionLimit(SECONDS, clock=clock)
    acted: list[tuple[int, float]] = []
    for person, pause in steps:
        clock.now += pause
        recent = [at for each, at in acted if each == person and clock.now - at < SECONDS]
        wait = limit.record(person, COUNT)
        assert (wait == 0) == (len(recent) < COUNT)
        if wait == 0:
            acted.append((person, clock.now))
        else:
            assert wait == SECONDS - (clock.now - recent[0])
        kept = {each for each, at in acted if clock.now - at < SECONDS}
        assert len(limit) == len(kept)
