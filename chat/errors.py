"""All errors that a person sees, as one tree. Each has a sentence for that person."""

from collections.abc import Sequence
from math import ceil

# The most people of one name that a sentence lists.
_MAX_CHOICES = 6


class Translatable(str):
    """A sentence, or a part of one, that is translated when it is shown."""

    __slots__ = ()


def gettext_noop(text: str) -> Translatable:
    """Mark a literal for the catalogues where it is not translated at once."""
    return Translatable(text)


class ChatError(Exception):
    """An English sentence for the person who acted, and the values of its `{name}` fields.

    `Language.error` gives the sentence in the person's language, `str` gives it for the log.
    """

    def __init__(self, template: str = "", **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values


class BadName(ChatError):
    """A name that is empty, invisible or unreadable."""


class NameTaken(ChatError):
    """Somebody bears this name, or one that looks like it; `suggestions` are free ones.

    It `may_be_own`: a person of exactly this name may have come with another device. If they can
    sign in there, `claimed_name` is their name, else "".
    """

    def __init__(
        self,
        name: str,
        *suggestions: str,
        looks_alike: bool = False,
        may_be_own: bool = False,
        claimed_name: str = "",
    ) -> None:
        super().__init__(
            gettext_noop("“{name}” looks like the name of somebody here. How about “{suggestion}”?")
            if looks_alike
            else gettext_noop("Somebody here is called {name}. How about “{suggestion}”?"),
            name=name,
            suggestion=suggestions[0],
        )
        self.name = name
        self.suggestions = suggestions
        self.looks_alike = looks_alike
        self.may_be_own = may_be_own
        self.claimed_name = claimed_name

    @property
    def suggestion(self) -> str:
        """The first of the free names."""
        return self.suggestions[0]


class TooManyArrivals(ChatError):
    """Many people came in for the first time; `seconds` is how long another has to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "Many people have just come in from your network. "
            "Wait {seconds} seconds, then join again.",
            seconds=seconds,
        )
        self.seconds = seconds


class BadPassword(ChatError):
    """A password that is too short, too long, or among those that are guessed first."""


class WrongPassword(ChatError):
    """The password is not that of the person of this name, or nobody of this name has one."""

    def __init__(self) -> None:
        super().__init__("Name and password do not fit together. Check both, then try again.")


class TooManyTries(ChatError):
    """Too many wrong passwords; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(
            "Too many wrong passwords. Wait {minutes} min, then try again.",
            minutes=max(1, ceil(wait / 60)),
        )
        self.wait = wait


class PasswordLinkSpent(ChatError):
    """The link for a new password was used, replaced or has expired."""

    def __init__(self) -> None:
        super().__init__(
            "This link was used already, or it is too old. Ask the owner of the chat for another."
        )


class BadLink(ChatError):
    """A link for a new password that nobody can make: of a bot, or of oneself."""


class MissingExtra(ChatError):
    """What somebody asks for needs packages that are not installed: those of the `extra`."""

    def __init__(self, extra: str) -> None:
        super().__init__(
            "This needs more packages on the computer of the chat. Whoever runs it installs them: "
            'python -m pip install ".[{extra}]"',
            extra=extra,
        )


class PasskeyRefused(ChatError):
    """A passkey that the chat does not accept."""


class PasskeyTaken(PasskeyRefused):
    """A passkey that the chat knows already."""

    def __init__(self) -> None:
        super().__init__("This passkey is in use here already. Choose another device or key.")


class TooManyPasskeys(PasskeyRefused):
    """A person has as many passkeys as fit."""

    def __init__(self, limit: int) -> None:
        super().__init__("You have {limit} passkeys already. Remove one first.", limit=limit)


class ProviderRefused(ChatError):
    """An answer of the OpenID provider that the chat does not accept, or none."""


class ProviderAccountTaken(ProviderRefused):
    """An account of a provider that is joined to somebody else."""

    def __init__(self) -> None:
        super().__init__(
            "This account belongs to somebody else here. Sign in with it to be that person."
        )


class TooManyDevices(ChatError):
    """A person has as many devices as there may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "You are signed in on {limit} devices. "
            "Sign one of them out first, in Settings, Devices.",
            limit=limit,
        )


class LastDevice(ChatError):
    """A person wants to sign out of the only device that they have."""

    def __init__(self) -> None:
        super().__init__(
            "This is your only device: nobody could come back as you, not even you. Add another "
            "device or a password first. To leave for good, choose “Leave this chat” in Settings."
        )


class DeviceKeyLost(ChatError):
    """A page shows another key than that of its device."""

    def __init__(self, days: int) -> None:
        super().__init__(
            "This browser has lost the key with which it came in, as when its storage was emptied. "
            "Do that on another device of yours, or here after {days} days.",
            days=days,
        )


class BadDeviceName(ChatError):
    """A name that a device cannot have."""


class TooManyLinks(ChatError):
    """A person has made many links for other devices; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(
            "You have made many links. Wait {minutes} min, then make another.",
            minutes=max(1, ceil(wait / 60)),
        )


class PairingRefused(ChatError):
    """A link for another device does not let this device in. The sentence says what to do."""


class WrongNumber(ChatError):
    """Not the number that the new device shows."""

    def __init__(self) -> None:
        super().__init__(
            "That is not the number which the new device shows, so it was not let in. "
            "Make a new link and try again."
        )


_INVITATION_ENDS = {
    "used up": gettext_noop(
        "As many people as it was made for have come in with this invitation. Ask whoever sent it "
        "for another one."
    ),
    "expired": gettext_noop("This invitation has expired. Ask whoever sent it for another one."),
    "revoked": gettext_noop("This invitation was taken back. Ask whoever sent it for another one."),
}


class InvitationRefused(ChatError):
    """Nobody comes in with this invitation; `state` is a value of `InvitationState`, None for a
    code that is unknown."""

    def __init__(self, state: str | None = None) -> None:
        if state is None:
            super().__init__(
                "There is no such invitation. Check that you opened the whole link, or ask for "
                "another one."
            )
        else:
            super().__init__(_INVITATION_ENDS[state])
        self.state = state


class TooManyCodes(ChatError):
    """Many wrong codes of invitations were tried; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(
            "Too many wrong invitations were opened. Wait {minutes} min, then open the link again.",
            minutes=max(1, ceil(wait / 60)),
        )
        self.wait = wait


class TooManyInvitations(ChatError):
    """A person has as many invitations that are valid, or has made as many within an hour, as
    fit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "{limit} of your invitations are still valid. Take one back first.", limit=limit
        )


class MadeTooManyInvitations(TooManyInvitations):
    """A person has made as many invitations within an hour as fit; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        ChatError.__init__(
            self,
            gettext_noop("You made many invitations. Wait {minutes} min, then make another one."),
            minutes=max(1, ceil(wait / 60)),
        )


class NoSuchInvitation(ChatError):
    """An invitation that is not kept any more, or is somebody else's: the sentence is the same."""

    def __init__(self) -> None:
        super().__init__("There is no such invitation any more. Open the list once more.")


class BadInvitation(ChatError):
    """A time, a number of people, a role or a room that an invitation cannot have."""


class InvitationRequired(ChatError):
    """A stranger came without an invitation to a chat that is by invitation."""

    def __init__(self) -> None:
        super().__init__(
            "You need an invitation to this chat. Ask somebody who is in it for a link, and open "
            "that."
        )


class ApprovalRequired(ChatError):
    """A client that cannot wait for an answer came to a chat whose moderators let people in."""

    def __init__(self) -> None:
        super().__init__(
            "The moderators of this chat let people in. Open the chat in a browser and ask there, "
            "or connect with an invitation."
        )


class KnockWaiting(ChatError):
    """A stranger asked to come in, and has no answer yet. `moderators` are those who are here."""

    def __init__(self, name: str, moderators: Sequence[str]) -> None:
        if moderators:
            super().__init__(
                gettext_noop(
                    "{names} was asked whether {name} may come in. You are in as soon as somebody "
                    "answers: leave this page open."
                )
                if len(moderators) == 1
                else gettext_noop(
                    "{names} were asked whether {name} may come in. You are in as soon as somebody "
                    "answers: leave this page open."
                ),
                names=", ".join(moderators),
                name=name,
            )
        else:
            super().__init__(
                gettext_noop(
                    "The moderators were asked whether {name} may come in, and none of them is "
                    "here now. You are in as soon as somebody answers: leave this page open."
                ),
                name=name,
            )


class KnockRefused(ChatError):
    """A stranger asked to come in, and was not let in."""

    def __init__(self) -> None:
        super().__init__(
            "You were not let in. If you know somebody in this chat, ask them for an invitation."
        )


class KnockEnded(ChatError):
    """Nobody has answered a stranger who asked to come in."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody has answered for an hour. Ask once more, or ask somebody in this chat for an "
            "invitation."
        )


class TooManyKnocks(ChatError):
    """Many strangers wait for an answer, of this network or of all."""

    def __init__(self) -> None:
        super().__init__(
            "Many people wait to be let in already. Come back in an hour, or ask somebody in this "
            "chat for an invitation."
        )


class NoSuchKnock(ChatError):
    """A knock that was answered by somebody else, or has ended."""

    def __init__(self) -> None:
        super().__init__("Somebody else has answered already, or they do not wait any more.")


class OwnerLinkSpent(ChatError):
    """The link that gives the chat to its owner was used, or is of an earlier start."""

    def __init__(self) -> None:
        super().__init__(
            "This link was used already, or is of an earlier start. "
            "Start the chat again: it prints another."
        )


class OwnerMustHandOver(ChatError):
    """The owner wants to leave, and others stay."""

    def __init__(self) -> None:
        super().__init__(
            "You own this chat. Hand it over first: open somebody's profile and choose “Moderate”."
        )


class OwnerRequired(ChatError):
    """Only the owner of the chat may do `action`."""

    def __init__(self, action: Translatable) -> None:
        super().__init__("Only the owner of this chat can {action}.", action=action)


class ChatModeratorRequired(ChatError):
    """Only the owner and the moderators of the whole chat may do this."""

    def __init__(self) -> None:
        super().__init__("Only the owner and the moderators of this chat can do that. Ask them.")


class GuestRefused(ChatError):
    """A guest wants something that only members do."""

    def __init__(self) -> None:
        super().__init__("You are a guest here: you write in the rooms that you were added to.")


class BadRole(ChatError):
    """A role that a person cannot have, or cannot lose in this way."""


def _rounded_time(seconds: float) -> tuple[str, int]:
    """A time as it is shown: a unit and a number, rounded up."""
    for unit, length in (("days", 86_400), ("hours", 3600)):
        if seconds > 2 * length:
            return unit, ceil(seconds / length)
    return "minutes", max(1, ceil(seconds / 60))


_MUTED = {
    "minutes": gettext_noop(
        "You are muted for another {count} min. What you wrote stays in the field."
    ),
    "hours": gettext_noop(
        "You are muted for another {count} h. What you wrote stays in the field."
    ),
    "days": gettext_noop("You are muted for another {count} d. What you wrote stays in the field."),
}
_MUTED_FOR_GOOD = gettext_noop(
    "You are muted until a moderator lifts it. What you wrote stays in the field."
)
_BANNED = {
    "minutes": gettext_noop("You are banned for another {count} min. The reason: {reason}"),
    "hours": gettext_noop("You are banned for another {count} h. The reason: {reason}"),
    "days": gettext_noop("You are banned for another {count} d. The reason: {reason}"),
}
_BANNED_FOR_GOOD = gettext_noop("You are banned from this chat. The reason: {reason}")


class Muted(ChatError):
    """A person who is muted wants to write. `seconds` are left; None is until it is lifted."""

    def __init__(self, seconds: float | None) -> None:
        if seconds is None:
            super().__init__(_MUTED_FOR_GOOD)
        else:
            unit, count = _rounded_time(seconds)
            super().__init__(_MUTED[unit], count=count)


class PersonBanned(ChatError):
    """A person who is banned comes in, or one of their programs writes."""

    def __init__(self, seconds: float | None, reason: str) -> None:
        if seconds is None:
            super().__init__(_BANNED_FOR_GOOD, reason=reason)
        else:
            unit, count = _rounded_time(seconds)
            super().__init__(_BANNED[unit], count=count, reason=reason)


class BadSanction(ChatError):
    """A mute or a ban that cannot be: of whom, for how long, or without a reason."""


class BadReport(ChatError):
    """A message that cannot be reported, or a report that cannot be changed in this way."""


class AlreadyReported(BadReport):
    """The person has reported this message before."""

    def __init__(self) -> None:
        super().__init__("You reported this message already. The moderators know it.")


class BadBlock(ChatError):
    """A block that cannot be, or what a person cannot do with somebody whom they blocked."""


class BadStatus(ChatError):
    """A status that cannot be shown, or that has ended before it began."""


class BadText(ChatError):
    """A text that a message cannot hold."""


class NoTextInPayload(BadText):
    """The body of a webhook says nothing. `code` is Slack's word for that."""

    code = "no_text"

    def __init__(self) -> None:
        super().__init__(
            "There is no text in this payload. "
            "Send “text”, “blocks” or “attachments”, or plain text."
        )


class TextTooLong(BadText):
    """`length` and `limit` are in characters."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            "This message has {length:,} characters and {limit:,} fit. Shorten it by {over:,}.",
            length=length,
            limit=limit,
            over=length - limit,
        )
        self.length = length
        self.limit = limit


class NoSuchRoom(ChatError):
    """The room does not exist, or the person may not read it: the sentence is the same."""

    def __init__(self) -> None:
        super().__init__("There is no such room. Choose one from the list.")


class NoSuchPerson(ChatError):
    """No person has this name."""

    def __init__(self, name: str) -> None:
        super().__init__("Nobody here is called {name}. Look for them under People.", name=name)


class AmbiguousName(ChatError):
    """Several people have this name. `choices` are what to write for each, `here` those online."""

    def __init__(self, name: str, choices: Sequence[str], here: Sequence[str]) -> None:
        shown = ", ".join(choices[:_MAX_CHOICES]) + (" …" if len(choices) > _MAX_CHOICES else "")
        if here:
            super().__init__(
                "{count} people are called {name}. Write {choices}. Here now: {here}.",
                count=len(choices),
                name=name,
                choices=shown,
                here=", ".join(here[:_MAX_CHOICES]),
            )
        else:
            super().__init__(
                "{count} people are called {name}, and none of them is here now. Write {choices}.",
                count=len(choices),
                name=name,
                choices=shown,
            )
        self.choices = tuple(choices)


class NoSuchMessage(ChatError):
    """The message does not exist, or belongs to another person: the sentence is the same."""

    def __init__(self) -> None:
        super().__init__("There is no such message here. It may have been deleted meanwhile.")


class TooLateToUndo(ChatError):
    """The time to undo a deletion is over, or somebody else deleted the message."""

    def __init__(self) -> None:
        super().__init__("It is too late to bring this back. Write it again.")


class ModeratorRequired(ChatError):
    """An action for those who moderate the room only."""

    def __init__(self, action: Translatable) -> None:
        super().__init__(
            "Only the moderators of this room can {what}. Ask one of them.",
            what=action,
        )


class RoomArchived(ChatError):
    """Nobody can post in an archived room."""

    def __init__(self) -> None:
        super().__init__("This room is archived. Reopen it from its menu to write in it again.")


class BadRoom(ChatError):
    """A title, a topic or an address that a room cannot have."""


class SlugTaken(BadRoom):
    """Another room has this address; `suggestion` is a free one."""

    def __init__(self, slug: str, suggestion: str) -> None:
        super().__init__(
            "There is a room at “{slug}” already. How about “{suggestion}”?",
            slug=slug,
            suggestion=suggestion,
        )
        self.slug = slug
        self.suggestion = suggestion


class TooManyMentions(BadText):
    """A message mentions `count` people by name; `limit` is the maximum."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(
            "This message mentions {count} people and {limit} may be. "
            "Mention fewer, or everyone with @everyone.",
            count=count,
            limit=limit,
        )


class ManyPeopleCalled(BadText):
    """A message calls `count` people with @everyone or @here, and its author has not confirmed it.

    `client_id` is that of the message: `Room.confirm_call`.
    """

    def __init__(self, count: int, client_id: str) -> None:
        super().__init__(
            "This message calls {count} people. Send it again and confirm that, or mention fewer.",
            count=count,
        )
        self.count, self.client_id = count, client_id


class TitleTaken(BadRoom):
    """Another room has this title; `suggestion` is a free one."""

    def __init__(self, title: str, suggestion: str) -> None:
        super().__init__(
            "There is a room called “{title}” already. How about “{suggestion}”?",
            title=title,
            suggestion=suggestion,
        )
        self.title = title
        self.suggestion = suggestion


class BadReaction(ChatError):
    """A reaction that is no emoji, or one emoji too many."""


class BadCommand(ChatError):
    """An unknown slash command, or one with wrong arguments."""


class BadQuery(ChatError):
    """A search with a condition that means nothing."""


class BadPoll(ChatError):
    """A poll that cannot be created, or cannot be changed in this way."""


class PollClosed(BadPoll):
    """Nobody can vote in a closed poll."""

    def __init__(self) -> None:
        super().__init__("This poll is closed: its votes stay as they are.")


class TooManySaved(ChatError):
    """A person keeps as many messages for later as fit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "{limit:,} messages are saved already. Remove some from the list first.", limit=limit
        )


class TooManyScheduled(ChatError):
    """A person has as many texts that are sent later as fit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "{limit} messages wait for their time already. Send or cancel one of them first.",
            limit=limit,
        )


class TooManyReminders(ChatError):
    """A person has as many reminders as fit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "You have {limit} reminders already. Remove some from the list first.", limit=limit
        )


class TooManyPrograms(ChatError):
    """A person has as many bots, a bot as many tokens, or a room as many webhooks as fit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "There are {limit} of them already. Delete one that is not used first.", limit=limit
        )


class NoSuchProgram(ChatError):
    """A bot, token or webhook that does not exist (any more), or is somebody else's."""

    def __init__(self) -> None:
        super().__init__("It is not there any more, or belongs to somebody else.")


class BadToken(ChatError):
    """A token that is unknown, revoked or expired."""

    def __init__(self) -> None:
        super().__init__("This token is not valid (any more). Make a new one in the settings.")


class MissingScope(ChatError):
    """A token that lacks a right, which `scope` names."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            "This token may not do that: it lacks the right “{scope}”. Make one that has it.",
            scope=scope,
        )
        self.scope = scope


class TokenBoundToRooms(ChatError):
    """A token that is valid in some rooms only cannot make others."""

    def __init__(self) -> None:
        super().__init__(
            "This token is valid in some rooms only: it cannot make others. Use one for all rooms."
        )


class KeyReused(ChatError):
    """A key of an earlier message, with another content."""

    def __init__(self) -> None:
        super().__init__(
            "This key was used for another message already. Use a new key for each message."
        )


class BadKey(ChatError):
    """A key of a message that is empty or too long."""

    def __init__(self, limit: int) -> None:
        super().__init__("A key has 1 to {limit} characters. Choose another.", limit=limit)


class SlowDown(ChatError):
    """A program that asks more often than it may; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(
            "This comes too fast. Wait {seconds} seconds, then go on.", seconds=max(1, ceil(wait))
        )
        self.wait = wait


class SlowModeWait(SlowDown):
    """A person writes in a room in slow mode before their time; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "This room is in slow mode: you can write again in {seconds} s. Nothing is lost."
            ),
            seconds=max(1, ceil(wait)),
        )
        self.wait = wait


class PostingTooFast(SlowDown):
    """A person writes one message after the other without a pause; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "You write very fast: the next message can go in {seconds} s. Nothing is lost."
            ),
            seconds=max(1, ceil(wait)),
        )
        self.wait = wait


class NetworkTooFast(SlowDown):
    """The people of one network write more than it may; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "Very much is written from your network: the next message can go in {seconds} s. "
                "Nothing is lost."
            ),
            seconds=max(1, ceil(wait)),
        )
        self.wait = wait


class TooManyPosts(SlowDown):
    """All people together write more than the chat may take; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "Very much is written here just now: the next message can go in {seconds} s. "
                "Nothing is lost."
            ),
            seconds=max(1, ceil(wait)),
        )
        self.wait = wait


class TooManyRooms(SlowDown):
    """A person, or their programs, made `limit` rooms within an hour; `wait` is in seconds."""

    def __init__(self, wait: float, limit: int) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "{limit} rooms an hour can be made. Wait {minutes} minutes, or use one that is "
                "there."
            ),
            limit=limit,
            minutes=max(1, ceil(wait / 60)),
        )
        self.wait = wait


class TooManyConversations(TooManyRooms):
    """A person, or their programs, began `limit` direct conversations within an hour."""

    def __init__(self, wait: float, limit: int) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "{limit} new conversations an hour can be begun. Wait {minutes} minutes, or write "
                "to the others in a room."
            ),
            limit=limit,
            minutes=max(1, ceil(wait / 60)),
        )
        self.wait = wait


class TooManyReports(SlowDown):
    """A person reports more than they may within an hour; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        ChatError.__init__(
            self,
            gettext_noop(
                "You reported many messages within an hour. Wait {minutes} min, or write to a "
                "moderator."
            ),
            minutes=max(1, ceil(wait / 60)),
        )
        self.wait = wait


class NoOwner(ChatError):
    """A script on the computer of the chat asks before anybody owns the chat."""

    def __init__(self) -> None:
        super().__init__("Nobody owns this chat yet. Open it in a browser and sign in first.")


class TooManyStreams(ChatError):
    """More messages are being written piece by piece than fit, of one author or of all."""

    def __init__(self, limit: int) -> None:
        super().__init__("{limit} messages are being written already. End one first.", limit=limit)


class StreamEnded(ChatError):
    """A piece for a message that is complete, was deleted, or was interrupted."""

    def __init__(self) -> None:
        super().__init__("This message is complete already. Begin a new one.")


class StreamGap(ChatError):
    """A piece that does not begin where the text of a streamed message ends; `length` is that."""

    def __init__(self, length: int) -> None:
        super().__init__(
            "The text has {length} characters so far. Send what comes after them.", length=length
        )
        self.length = length


class StreamFull(ChatError):
    """A streamed message, or all of them together, are longer than fits."""

    def __init__(self) -> None:
        super().__init__("This message is as long as it can be. End it, and begin a new one.")


class BadView(ChatError):
    """Controls of a message that a row cannot show, or a state that is too large."""


class BadFieldValue(ChatError):
    """A value that a field of a view cannot have; `field` is what the field is called."""

    def __init__(self, field: str) -> None:
        super().__init__("“{field}” cannot have this value. Choose another.", field=field)


class ValuesTooLarge(ChatError):
    """The values of all fields of a view are more than one action carries."""

    def __init__(self, limit: int) -> None:
        super().__init__("This is too much at once: {limit} KiB fit. Write less.", limit=limit)


class BotNotRunning(ChatError):
    """Nobody is there to answer a click: the program of a view is not running.

    `owner_name` is that of the owner who was told. With `is_own` the owner has clicked; without
    both, the program was deleted.
    """

    def __init__(self, bot_name: str, owner_name: str = "", *, is_own: bool = False) -> None:
        if owner_name:
            super().__init__(
                "{bot} is not running; its owner {owner} was told. Try again later.",
                bot=bot_name,
                owner=owner_name,
            )
        elif is_own:
            super().__init__("{bot} is not running. Start it, and try again.", bot=bot_name)
        else:
            super().__init__("{bot} was deleted, and answers nobody.", bot=bot_name)


class BotSilent(ChatError):
    """The program of a view was told of a click, and did not answer in time."""

    def __init__(self, bot_name: str) -> None:
        super().__init__(
            "{bot} did not answer. Look whether it did what you asked before you try again.",
            bot=bot_name,
        )


class ActingTooFast(ChatError):
    """A person, or all people together, click more than a program can be told; `wait` is in
    seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(
            "You are too fast. Wait {seconds} seconds, then go on.", seconds=max(1, ceil(wait))
        )


class NoSuchAction(ChatError):
    """An answer to an action that was answered already, is long over, or is of another program."""

    def __init__(self) -> None:
        super().__init__(
            "This action waits for no answer: it was answered already, or is long over."
        )


class BadCursor(ChatError):
    """A text that is no cursor."""

    def __init__(self) -> None:
        super().__init__("This is no cursor. Send one that you got, or none to begin now.")


class CursorOutdated(ChatError):
    """A cursor of another chat, or of data that were replaced by older ones."""

    def __init__(self) -> None:
        super().__init__(
            "This cursor is of other data. Read the rooms anew, then begin without a cursor."
        )


class TooManyReaders(ChatError):
    """A token with which too many programs read events."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "{limit} programs read events with this token already. End one, or make another token.",
            limit=limit,
        )


class HookRefused(ChatError):
    """A request to a webhook that became no message; `code` is Slack's word for the reason."""

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class BadProgram(ChatError):
    """A name, a scope or an expiry that a program cannot have."""


class BadHookAddress(BadProgram):
    """An address that is none, or that an outgoing webhook may not have."""


class HookAddressRefused(BadHookAddress):
    """An address of the own network, or of the chat itself, that no setting names."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "{host} is an address of this computer, of its network or of this chat, where webhooks "
            "may not send. If it is meant, have the chat started with --hook-addresses {host}.",
            host=host,
        )


class OwnHookAddress(BadHookAddress):
    """The address of the chat itself, which would talk to itself without an end."""

    def __init__(self) -> None:
        super().__init__(
            "This is the address of this chat, which would talk to itself. Enter another one."
        )


class UnknownHost(BadHookAddress):
    """No host has this name."""

    def __init__(self, host: str) -> None:
        super().__init__("There is no {host}. Check how the address is written.", host=host)


class BadTime(ChatError):
    """A time for a reminder or a text that is in the past, or too far away."""


class TooLateToChange(ChatError):
    """A text that waited for its time was sent or cancelled meanwhile."""

    def __init__(self) -> None:
        super().__init__("This was sent or removed meanwhile. Open the list once more.")


class BadPreference(ChatError):
    """An unknown preference, or an unknown value of one."""

    def __init__(
        self, sentence: str = "There is no such option. Choose one in the settings."
    ) -> None:
        super().__init__(sentence)


class BadKeyword(ChatError):
    """A keyword that cannot be compared with texts, or one too many."""


class NotStored(ChatError):
    """The store could not save a change; nothing was published."""

    def __init__(
        self, sentence: str = "This could not be stored. Nothing is lost: try again."
    ) -> None:
        super().__init__(sentence)


class NotRead(ChatError):
    """The store could not be read: the server of the database is away."""

    def __init__(self) -> None:
        super().__init__("The database of the chat is away just now. Wait a moment and try again.")


class DataFolderGone(NotStored):
    """The data folder was removed, moved or replaced while the chat runs."""

    def __init__(self) -> None:
        super().__init__(
            "The folder of this chat is gone: nothing can be stored. "
            "Tell the person who runs the chat to put it back."
        )


class DiskNearlyFull(NotStored):
    """There is less free space on the disk than the chat leaves to others."""

    def __init__(self) -> None:
        super().__init__(
            "The chat's disk is nearly full: nothing more can be stored. What you wrote stays "
            "here. Tell the person who runs the chat to make room."
        )


class BadUpload(ChatError):
    """A file that cannot be uploaded."""


class FileTooLarge(BadUpload):
    """`limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        limit_text = f"{limit / 1024**2:,.4g}"
        super().__init__(
            "This file is too large: {limit} MiB fit. Make it smaller, or send a part of it.",
            limit=limit_text,
        )
        self.limit = limit


class WrongSize(BadUpload):
    """The client sent more or fewer bytes than announced; `is_larger` tells which."""

    def __init__(self, *, is_larger: bool) -> None:
        super().__init__(
            "This file arrived incomplete, or it changed during the upload. Send it again."
        )
        self.is_larger = is_larger


class TooManyFiles(BadUpload):
    """A limit on files or bytes: for a message, an hour or a person."""


class NoSuchUpload(BadUpload):
    """The upload has ended, or belongs to another person or room."""

    def __init__(self) -> None:
        super().__init__("This upload has expired or was used already. Choose the file once more.")


class NotAPicture(BadUpload):
    """A file that cannot be shown as a picture."""

    def __init__(self) -> None:
        super().__init__("This picture cannot be shown. Choose a JPEG, PNG, GIF or WebP file.")


class BadCrop(BadUpload):
    """A part of a picture that is too small, or not within it."""

    def __init__(self) -> None:
        super().__init__("This part is not within the picture. Choose another one.")


class PictureNotShown(BadUpload):
    """A picture of a message that is sent as a file without a thumbnail."""

    def __init__(self) -> None:
        super().__init__(
            "This picture can only be sent as a file: JPEG, PNG, GIF and WebP are shown."
        )


class PictureTooLarge(BadUpload):
    """`limit` is in pixels."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "This picture has more than {limit} megapixels: it can only be sent as a file.",
            limit=f"{limit / 1e6:g}",
        )
        self.limit = limit


class PictureTooSlow(BadUpload):
    """Making its thumbnails takes more time than a picture may take."""

    def __init__(self) -> None:
        super().__init__(
            "This picture is too complicated to be shown: it can only be sent as a file."
        )


class StorageFull(BadUpload):
    """The disk is full; nothing of the file is left on it."""

    def __init__(self) -> None:
        super().__init__(
            "The chat's disk has no room for this file. Tell the person who runs the chat."
        )


class NoSuchFile(ChatError):
    """The file does not exist, or the person may not read it: the sentence is the same."""

    def __init__(self) -> None:
        super().__init__("There is no such file. It may have been deleted meanwhile.")


class CannotStart(ChatError):
    """The program cannot start. The command prints this one line and exits with code 2."""


class DataInUse(CannotStart):
    """Another process works on the same data folder."""

    def __init__(self, folder: object) -> None:
        super().__init__(
            f"Another Flet Chat is using the folder {folder}. "
            "Stop it first, or give this one its own folder with --data."
        )


class DatabaseInUse(CannotStart):
    """Another process works on the same database."""

    def __init__(self) -> None:
        super().__init__(
            "Another Flet Chat is using the database that --database names. Stop it first, or give "
            "this one a database of its own."
        )


class BadDatabase(CannotStart):
    """`chat.db` is not a database that this program can read."""


class ForeignLog(CannotStart):
    """`chat.db-wal` is the log of another database, or of another state of this one."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path}-wal does not belong to {path}: one was replaced without the other. "
            f"Put both files of one backup there, or move {path}-wal away to start without it."
        )


class DataNotUsable(CannotStart):
    """The files of the data folder cannot be read or written; nothing is said to be damaged."""


class NewerDatabase(CannotStart):
    """`chat.db` was written by a later Flet Chat."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path} was written by a newer Flet Chat. "
            "Install that version again, or choose another folder with --data."
        )


class PortTaken(CannotStart):
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another program. Choose another with --port.")


class SessionFailed(ChatError):
    """A mistake in the program; `number` is that of its traceback in the log."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "Something went wrong here. Try again; the owner can look up failure {number}.",
            number=number,
        )
