"""Completion of the conditions of a search: people, rooms, days and properties of messages."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import nsmallest

import flet as ft

from chat.errors import gettext_noop
from chat.model.rooms import RoomInfo, RoomKind
from chat.text.fuzzy_match import match_rank, query_key
from chat.text.names import cached_name_key, name_key
from chat.text.search_query import (
    FACT_VALUES,
    NAMED_DAYS,
    OpenCondition,
    is_quotable,
    open_condition,
)
from chat.ui.autocomplete.commands import CommandCandidates
from chat.ui.autocomplete.mentions import LEADING_SIZE, avatar_of, match_people
from chat.ui.autocomplete.popup import MAX_SHOWN, Completion, CompletionProvider
from chat.ui.viewer import ViewerContext

# The popup gets a condition and nothing before it.
_WHOLE_TEXT = re.compile(r"\A.+\Z", re.DOTALL)

_FACT_LABELS = {
    "has:link": gettext_noop("messages with a link"),
    "has:file": gettext_noop("messages with any file"),
    "has:image": gettext_noop("messages with a picture"),
    "is:pinned": gettext_noop("pinned messages"),
    "mentions:me": gettext_noop("messages that mention you"),
}
_FACT_ICONS = {
    "has:link": ft.Icons.LINK_ROUNDED,
    "has:file": ft.Icons.ATTACH_FILE_ROUNDED,
    "has:image": ft.Icons.IMAGE_OUTLINED,
    "is:pinned": ft.Icons.PUSH_PIN_OUTLINED,
    "mentions:me": ft.Icons.ALTERNATE_EMAIL_ROUNDED,
}
_DAYS = (gettext_noop("today"), gettext_noop("yesterday"))


def condition_completions(
    get_candidates: Callable[[], CommandCandidates], viewer: ViewerContext
) -> CompletionProvider:
    """Complete the value of an operator of the search, from its colon on."""

    def find_completions(typed: str) -> Sequence[Completion]:
        condition = open_condition(typed)
        if condition is None:
            return ()
        match condition.operator:
            case "from":
                return _people_completions(condition, get_candidates(), viewer)
            case "in":
                return _room_completions(condition, get_candidates().rooms, viewer)
            case "before" | "after" | "on":
                return _day_completions(condition, viewer)
        return _fact_completions(condition, viewer)

    return CompletionProvider(_WHOLE_TEXT, find_completions)


def _people_completions(
    condition: OpenCondition, candidates: CommandCandidates, viewer: ViewerContext
) -> list[Completion]:
    prefix = condition.value.removeprefix("@")
    people = [each for each in match_people(prefix, candidates.people) if is_quotable(each.name)]
    if [name_key(each.name) for each in people] == [name_key(prefix)]:
        return []
    return [
        _completion(condition, each.name, each.name, avatar_of(each, viewer))
        for each in people[:MAX_SHOWN]
    ]


def _room_completions(
    condition: OpenCondition, rooms: Sequence[RoomInfo], viewer: ViewerContext
) -> list[Completion]:
    prefix = condition.value.removeprefix("#")
    key = query_key(prefix)
    ranks = [
        (rank, cached_name_key(room.title), room)
        for room in rooms
        if is_quotable(room.title) and (rank := match_rank(key, room.title)) is not None
    ]
    found = [room for _, _, room in nsmallest(MAX_SHOWN, ranks, key=lambda each: each[:2])]
    if len(ranks) == 1 and name_key(prefix) in {name_key(found[0].title), found[0].slug}:
        return []
    return [
        _completion(condition, room.title, room.title, _room_icon(room), _room_hint(room, viewer))
        for room in found
    ]


def _room_icon(room: RoomInfo) -> Callable[[], ft.Control]:
    is_private = room.kind is RoomKind.PRIVATE
    return _icon(ft.Icons.LOCK_OUTLINE_ROUNDED if is_private else ft.Icons.TAG)


def _room_hint(room: RoomInfo, viewer: ViewerContext) -> str:
    return viewer.t("archived") if room.archived else ""


def _day_completions(condition: OpenCondition, viewer: ViewerContext) -> list[Completion]:
    typed, today = condition.value.casefold(), viewer.local_date(datetime.now(UTC))
    if condition.is_excluded or typed in NAMED_DAYS:
        return []
    completions = []
    for word in _DAYS:
        # A query has the words of some languages only.
        translated = viewer.t(word)
        value = translated if translated in NAMED_DAYS else word
        day = today + timedelta(days=NAMED_DAYS[value])
        if value.startswith(typed) or word.startswith(typed):
            icon = _icon(ft.Icons.CALENDAR_TODAY_OUTLINED)
            completions.append(_completion(condition, value, value, icon, day.isoformat()))
    return completions


def _fact_completions(condition: OpenCondition, viewer: ViewerContext) -> list[Completion]:
    typed = condition.value.casefold().removeprefix("@")
    values = [each for each in FACT_VALUES[condition.operator] if each.startswith(typed)]
    if values == [typed]:
        return []
    completions = []
    for value in values:
        fact = f"{condition.operator}:{value}"
        hint, icon = viewer.t(_FACT_LABELS[fact]), _icon(_FACT_ICONS[fact])
        completions.append(_completion(condition, value, fact, icon, hint))
    return completions


def _completion(
    condition: OpenCondition,
    value: str,
    label: str,
    build_leading: Callable[[], ft.Control],
    hint: str = "",
) -> Completion:
    return Completion(f"{condition.with_value(value)} ", label, build_leading, hint)


def _icon(icon: ft.IconData) -> Callable[[], ft.Control]:
    return partial(ft.Icon, icon, size=LEADING_SIZE, color=ft.Colors.ON_SURFACE_VARIANT)
