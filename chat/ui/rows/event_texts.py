"""The texts of system messages: of one, and of several that are summed up."""

from collections.abc import Iterable, Sequence

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.messages import Message, MessageKind

# `name` is the author, `what` the text of the message.
_TEXTS = {
    MessageKind.JOINED: gettext_noop("{name} has joined the room."),
    MessageKind.LEFT: gettext_noop("{name} has left the room."),
    MessageKind.ROOM_CREATED: gettext_noop("{name} made this room."),
    MessageKind.INVITED: gettext_noop("{name} invited {what}."),
    MessageKind.REMOVED: gettext_noop("{name} removed {what} from the room."),
    MessageKind.ROOM_RENAMED: gettext_noop("{name} renamed the room to “{what}”."),
    MessageKind.TOPIC_CHANGED: gettext_noop("{name} changed the topic to “{what}”."),
    MessageKind.ARCHIVED: gettext_noop("{name} archived this room."),
    MessageKind.REOPENED: gettext_noop("{name} opened this room again."),
    MessageKind.PERSON_RENAMED: gettext_noop("{what} is called {name} now."),
}
# The same for a message without a text: the chat, where no room is named.
_TEXTS_WITHOUT_DETAIL = {
    MessageKind.JOINED: gettext_noop("{name} has joined the chat."),
    MessageKind.LEFT: gettext_noop("{name} has left the chat."),
    MessageKind.TOPIC_CHANGED: gettext_noop("{name} took the topic away."),
}
# The same of several people, with a detail and without one.
_SUMMARIES = {
    (MessageKind.JOINED, True): gettext_noop("{names} have joined the room."),
    (MessageKind.JOINED, False): gettext_noop("{names} have joined the chat."),
    (MessageKind.LEFT, True): gettext_noop("{names} have left the room."),
    (MessageKind.LEFT, False): gettext_noop("{names} have left the chat."),
}

# So many people are named; of more, two, and the others are counted.
_MAX_NAMES = 3


def event_text(message: Message, t: Language) -> str:
    """The text of a system message: its author and their action."""
    template = _TEXTS[message.kind]
    if not message.text:
        template = _TEXTS_WITHOUT_DETAIL.get(message.kind, template)
    name, what = message.author.name, message.text
    if message.kind is MessageKind.PERSON_RENAMED:
        # Both names as they were. Older messages have the earlier one only.
        what, _, new_name = message.text.partition("\n")
        name = new_name or name
    return t(template, name=name, what=what)


def summary_text(events: Sequence[Message], t: Language) -> str:
    """People who joined, left or were invited: a sentence for each kind, the first kind first."""
    by_kind: dict[tuple[MessageKind, bool], list[Message]] = {}
    for each in events:
        has_detail = bool(each.text) or each.kind is MessageKind.INVITED
        by_kind.setdefault((each.kind, has_detail), []).append(each)
    return " ".join(_sentence(kind, of_kind, t) for kind, of_kind in by_kind.items())


def _sentence(kind: tuple[MessageKind, bool], events: Sequence[Message], t: Language) -> str:
    people = {each.author.id: each.author.name for each in events}
    if kind[0] is MessageKind.INVITED:
        names = _names(dict.fromkeys(each.text for each in events), t)
        if len(people) > 1:
            return t("{names} were invited.", names=names)
        return t("{name} invited {names}.", name=events[0].author.name, names=names)
    if len(people) == 1:
        return event_text(events[0], t)
    return t(_SUMMARIES[kind], names=_names(people.values(), t))


def _names(names: Iterable[str], t: Language) -> str:
    """Names as a list in a sentence, as "Ann, Ben and 23 others"."""
    all_names = list(names)
    if len(all_names) > _MAX_NAMES:
        first, count = t.join(all_names[:2]), len(all_names) - 2
        return t.plural("{names} and one other", "{names} and {count} others", count, names=first)
    if len(all_names) == 1:
        return all_names[0]
    return t("{names} and {name}", names=t.join(all_names[:-1]), name=all_names[-1])
