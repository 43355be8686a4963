"""The histogram of durations."""

import pytest

from chat.histogram import BOUNDS, Histogram


def test_duration_counts_for_its_bound_and_all_longer_ones() -> None:
    histogram = Histogram()
    for seconds in (0.0, 0.001, 0.0011, 0.3, 60.0):
        histogram.observe(seconds)
    counts = histogram.counts()
    by_bound = dict(zip(BOUNDS, counts.cumulative, strict=False))
    assert by_bound[0.001] == 2
    assert by_bound[0.0025] == by_bound[0.25] == 3
    assert by_bound[0.5] == by_bound[10.0] == 4
    assert counts.total == 5
    assert counts.seconds == pytest.approx(60.3021)


def test_counts_of_a_moment_stay_as_they_are() -> None:
    histogram = Histogram()
    before = histogram.counts()
    histogram.observe(1)
    assert (before.total, histogram.counts().total) == (0, 1)
