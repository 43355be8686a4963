"""Fuzzy matching: the letters of a query in order, across separators."""

import pytest

from chat.text.fuzzy_match import MatchRank, match_rank, query_key


@pytest.mark.parametrize(
    ("query", "name", "rank"),
    [
        ("", "Garden", MatchRank.PREFIX),
        ("ops e", "ops-eu", MatchRank.PREFIX),
        ("OPSEU", "ops_eu", MatchRank.PREFIX),
        ("ops-eu", "Ops EU", MatchRank.PREFIX),
        ("eu", "ops-eu", MatchRank.WORD),
        ("team ops", "our team-ops", MatchRank.WORD),
        ("ps-e", "ops-eu", MatchRank.PART),
        ("ann", "Johanna", MatchRank.PART),
        ("oe", "ops-eu", MatchRank.LETTERS),
        ("mlq", "Maya Lindqvist", MatchRank.LETTERS),
        ("园艺", "我们的园艺", MatchRank.PART),
        ("ue", "ops-eu", None),
        ("pe", "ops-eu", None),
        ("garden", "gar", None),
        ("x", "", None),
        ("a", "---", None),
    ],
)
def test_rank_of_a_match(query: str, name: str, rank: MatchRank | None) -> None:
    assert match_rank(query_key(query), name) == rank
