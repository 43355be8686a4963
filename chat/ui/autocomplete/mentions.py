"""Completion of mentions."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from heapq import nsmallest

import flet as ft

from chat.errors import gettext_noop
from chat.model.people import Person
from chat.text.mentions import AT_SIGN
from chat.text.names import EVERYONE, HERE, cached_name_key, name_key
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider
from chat.ui.theme import widgets
from chat.ui.viewer import ViewerContext

_MENTION = re.compile(rf"{AT_SIGN}([^\s@]{{0,32}})$")


# The width of the control before a label, in pixels.
LEADING_SIZE = 24

# More than are ever shown, because people of one name are one match.
_MAX_MATCHES = 50

_GROUPS = {
    HERE: gettext_noop("everybody who is here now"),
    EVERYONE: gettext_noop("everybody in this room"),
}


@dataclass(frozen=True, slots=True)
class MentionCandidates:
    """The people who can be mentioned: `recent_ids` are those who posted last, `online_ids` those
    online. `group_sizes` are how many people @here and @everyone call, by these words."""

    people: Sequence[Person]
    recent_ids: Sequence[int] = ()
    online_ids: frozenset[int] = frozenset()
    group_sizes: Mapping[str, int] = field(default_factory=dict)


def match_people(prefix: str, candidates: MentionCandidates) -> list[Person]:
    """The people whose name may begin with `prefix`, the likeliest first: no more than 50."""
    key = name_key(prefix)
    recency = {person: n for n, person in enumerate(candidates.recent_ids)}
    recent, online, others = list[Person](), list[Person](), list[Person]()
    for person in candidates.people:
        if any(word.startswith(key) for word in _name_words(person.name)):
            if person.id in recency:
                recent.append(person)
            elif person.id in candidates.online_ids:
                online.append(person)
            else:
                others.append(person)
    recent.sort(key=lambda each: recency[each.id])
    matches = [
        *recent,
        *nsmallest(_MAX_MATCHES, online, key=_sort_key),
        *nsmallest(_MAX_MATCHES, others, key=_sort_key),
    ]
    # A person who signed out may have the same name as an online person.
    best_by_name: dict[str, Person] = {}
    for person in matches:
        best_by_name.setdefault(person.name, person)
    return list(best_by_name.values())[:_MAX_MATCHES]


def _sort_key(person: Person) -> str:
    return cached_name_key(person.name)


@lru_cache(maxsize=50_000)
def _name_words(name: str) -> tuple[str, ...]:
    """What a prefix of a name may begin: the name, and each of its words."""
    key = name_key(name)
    words = key.split()
    return (key,) if len(words) < 2 else (key, *words[1:])


def mention_completions(
    get_candidates: Callable[[], MentionCandidates], viewer: ViewerContext
) -> CompletionProvider:
    """Complete `@` and the beginning of a name."""

    def find_completions(typed: str) -> list[Completion]:
        candidates = get_candidates()
        people = match_people(typed[1:], candidates)[:MAX_SHOWN]
        groups = [group for group in _GROUPS if group.startswith(name_key(typed[1:]))]
        matching_names = [*(each.name for each in people), *groups][:MAX_SHOWN]
        # Nothing is left to choose once the only matching name is complete.
        if [name_key(name) for name in matching_names] == [name_key(typed[1:])]:
            return []
        completions = [
            Completion(
                f"@{each.name} ",
                each.name,
                avatar_of(each, viewer),
                viewer.t("bot") if each.is_bot else "",
            )
            for each in people
        ]
        group_completions = [
            _group_completion(each, candidates.group_sizes.get(each), viewer) for each in groups
        ]
        return [*completions, *group_completions][:MAX_SHOWN]

    return CompletionProvider(_MENTION, find_completions)


def avatar_of(person: Person, viewer: ViewerContext) -> Callable[[], ft.Control]:
    """Builds the avatar of a person for a completion."""
    return partial(widgets.avatar, person.name, LEADING_SIZE, viewer.avatar_url(person))


def _group_completion(name: str, size: int | None, viewer: ViewerContext) -> Completion:
    icon, t = partial(ft.Icon, ft.Icons.CAMPAIGN_OUTLINED, size=LEADING_SIZE), viewer.t
    hint = t(_GROUPS[name])
    if size is not None:
        calls = t.plural("calls one person", "calls {count} people", size)
        hint = t("{group}, {calls}", group=hint, calls=calls)
    return Completion(f"@{name} ", f"@{name}", icon, hint)
