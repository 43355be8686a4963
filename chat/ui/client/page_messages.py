"""The protocol between the chat and the page's scripts (`assets/*.js`): all messages, both ways.

The messages share the web socket with Flet's frames. A frame of this protocol is the byte 0x7f, one
or two letters that name the message, and its argument in UTF-8. The page sends events, the chat
sends commands. The first words of a class's docstring are the bytes after 0x7f;
`docs/page-script.md` has the same table, and a test compares the two. Places in a text count
UTF-16 code units, as JavaScript does.

`parse_event` checks the shape and the limits of an event. The size of a frame, the rate of frames,
and whether a reply is expected are the frame guard's to check.
"""

import json
import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, TypeAlias, TypeGuard

from chat.people.presence import Visibility
from chat.text.names import NAME_LIMIT
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.connection import FieldSnapshot
from chat.ui.client.list_keys import KeyArea, ListKey
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.notification_state import NotificationState

PREFIX = b"\x7f"

# The capacity of the message field, in characters. The text that it sends at each key stays below
# the 128 KiB that a client may send at once, and a message of the greatest length fits three times.
FIELD_LIMIT = 30_000

# The texts together that a page has sent and that are not stored, in characters.
MAX_SENT_LENGTH = 4 * FIELD_LIMIT

# In characters.
MAX_PATH_LENGTH = 200
MAX_NAME_LENGTH = 4 * NAME_LIMIT
MAX_FILE_NAME_LENGTH = 300

# Files in one choice, and bytes of the JSON that lists them: the scripts send no more.
MAX_FILES = 50
MAX_FILES_SIZE = 100_000

# The size that stands for a folder, and the first integer that JavaScript does not count exactly.
FOLDER_SIZE = -1
_MAX_SAFE_INTEGER = 2**53

# The id that the page gives a text when the person sends it. (One of `Message.client_id`.)
MAX_CLIENT_ID_LENGTH = 40
_CLIENT_ID = rb"[0-9a-z]{1,%d}" % MAX_CLIENT_ID_LENGTH

_DEVICE_KEY = re.compile(rb"(?:[0-9a-f]{64})?")
# The room of a sent text: the path of its address, or `-` before a room was shown.
_SENT_PATH = rb"-|/[^ ]{0,%d}" % (4 * MAX_PATH_LENGTH)
_SENT = re.compile(rb"s(%s) (\d{1,9}) (%s) " % (_CLIENT_ID, _SENT_PATH))

# A place has at most six digits: the field holds 30,000 characters.
_PLACED = re.compile(rb"(?:(gt)|(ge)(%s) (%s) )(\d{1,6}) " % (_CLIENT_ID, _SENT_PATH))
_SELECTION = re.compile(rb"p(\d{1,6}) (\d{1,6})\Z")

# No window has more than 99,999 pixels in either direction.
_PRESS = re.compile(rb"c(\d{1,5}) (\d{1,5})\Z")

_SURROGATE = re.compile("[\ud800-\udfff]")


class Direction(IntEnum):
    """The direction in which an arrow key moves the selection of a list: -1 or 1 is added to its
    index."""

    UP = -1
    DOWN = 1


class AcceptKey(StrEnum):
    """A key that accepts the chosen completion."""

    TAB = "tab"
    ENTER = "enter"


# Events: from the page to the chat.


@dataclass(frozen=True, slots=True)
class PageReady:
    """`h` key: the scripts are there; before it no command is sent.

    The key is that of the device, 64 hexadecimal digits; it is empty without storage.
    """

    key: str = ""


@dataclass(frozen=True, slots=True)
class NameEntered:
    """`j` name: a stranger entered a name in the page's form; `ScreenShown` or `NameRefused`
    follows."""

    name: str


@dataclass(frozen=True, slots=True)
class RemovePrefixReply:
    """`y`, `n`: the oldest `RemovePrefix` without a reply was done, or could not be."""

    done: bool


@dataclass(frozen=True, slots=True)
class FieldFocusRequested:
    """`e`: a key was pressed, and no field has the focus; `ForgetKeys` if it may not have it."""


@dataclass(frozen=True, slots=True)
class EditLastKey:
    """`u`: arrow up in an empty message field."""


@dataclass(frozen=True, slots=True)
class EscapeKey:
    """`x`: Escape in the message field."""


@dataclass(frozen=True, slots=True)
class CloseDialogKey:
    """`d`: Escape outside of the message field."""


@dataclass(frozen=True, slots=True)
class BackPressed:
    """`t`: the browser's or the phone's Back; `BackHandled` follows."""


@dataclass(frozen=True, slots=True)
class QuickSwitcherKey:
    """`k`: Ctrl+K or Cmd+K, anywhere."""


@dataclass(frozen=True, slots=True)
class SearchKey:
    """`kf`: Ctrl+Shift+F or Cmd+Shift+F, anywhere."""


@dataclass(frozen=True, slots=True)
class SettingsKey:
    """`k,`: Ctrl+, or Cmd+,, anywhere."""


@dataclass(frozen=True, slots=True)
class ShortcutsKey:
    """`?`: Ctrl+/ or Cmd+/ anywhere, or ? outside of text fields."""


@dataclass(frozen=True, slots=True)
class MarkAllReadKey:
    """`m`: Shift+Escape."""


@dataclass(frozen=True, slots=True)
class RoomStepKey:
    """`ru`, `rd`, `wu`, `wd`: Alt and an arrow; with Shift (`w`) unread rooms only."""

    direction: Direction
    unread: bool


@dataclass(frozen=True, slots=True)
class AreaStepKey:
    """`cu`, `cd`: Shift+F6 or F6; `CaptureListKeys` follows, and keys wait for it."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class ListKeyPressed:
    """`q` key: a key in a list of messages, after `CaptureListKeys`."""

    key: ListKey


@dataclass(frozen=True, slots=True)
class ListStepKey:
    """`lu`, `ld`: an arrow in a dialog's field, after `CaptureListArrows`."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class ListAcceptKey:
    """`lt`: Tab or Enter in a dialog's field, after `CaptureChoiceKeys`."""


@dataclass(frozen=True, slots=True)
class ListDismissKey:
    """`lx`: Escape in a dialog's field, after `CaptureChoiceKeys`."""


@dataclass(frozen=True, slots=True)
class CompletionStepKey:
    """`gu`, `gd`: an arrow in the message field, after `CaptureCompletionKeys`."""

    direction: Direction


@dataclass(frozen=True, slots=True)
class CompletionDismissKey:
    """`gx`: Escape in the message field, after `CaptureCompletionKeys`."""


@dataclass(frozen=True, slots=True)
class CompletionAcceptKey:
    """`gt` cursor, space, text; `ge` id, space, path, space, then likewise: Tab or Enter, after
    `CaptureCompletionKeys`.

    `field` is None from the desktop window, which does not report the text. Enter has a
    `client_id` and a `path` as in `SendKey`, because it sends the text if nothing is offered for
    it.
    """

    key: AcceptKey
    field: FieldSnapshot | None
    client_id: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class SendKey:
    """`s` id, space, number, space, path, space, text: the key that sends was pressed.

    The field had this text, and was editing the message of this number, or none (0). `client_id` is
    new in each event, unless the same text was refused before. `path` is the room that the field
    was for (`ReportContext`), empty before a room was shown (`-`).
    """

    client_id: str
    edited_number: int
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ResumeWriting:
    """`r` JSON: `[path, edited, quoted, text]`, go on as before a reload.

    The field of the room at `path` was editing the message `edited`, with this text, or was
    answering the message `quoted`; 0 is none.
    """

    path: str
    edited_number: int
    quoted_number: int
    text: str


@dataclass(frozen=True, slots=True)
class HeartbeatRequested:
    """`z`: the page asks whether the chat is there; `Heartbeat` follows at once."""


@dataclass(frozen=True, slots=True)
class SelectionReported:
    """`p` start, space, end: the selection, or the cursor, when the field lost the focus."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PointerPressed:
    """`c` x, space, y: a mouse button or a finger was pressed, in pixels from the left upper
    corner."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class VisibilityReported:
    """`l`, `v`, `b`, `i`: the page is active, not focused, hidden, or idle for five minutes."""

    visibility: Visibility


@dataclass(frozen=True, slots=True)
class SemanticsShown:
    """`hs`: the page has the semantics tree, which a screen reader reads."""


@dataclass(frozen=True, slots=True)
class MotionReported:
    """`hm1`, `hm0`: whether the person wants less motion, by a setting of their system."""

    is_reduced: bool


@dataclass(frozen=True, slots=True)
class NotificationStateReported:
    """`a` state: whether the browser shows notifications, and why not; see `NotificationState`."""

    state: NotificationState


@dataclass(frozen=True, slots=True)
class NotificationClicked:
    """`o` path: the path of the notification; it begins with `/` and has no `//`."""

    path: str


@dataclass(frozen=True, slots=True)
class FilesChosen:
    """`f` JSON: `[[number, name, size], …]`, files that were chosen, dropped or pasted."""

    files: tuple[ChosenFile, ...]


@dataclass(frozen=True, slots=True)
class FileUnavailable:
    """`f` number: the page cannot upload this file after all."""

    number: int


PageEvent: TypeAlias = (
    PageReady
    | NameEntered
    | RemovePrefixReply
    | FieldFocusRequested
    | EditLastKey
    | EscapeKey
    | CloseDialogKey
    | BackPressed
    | QuickSwitcherKey
    | SearchKey
    | SettingsKey
    | ShortcutsKey
    | MarkAllReadKey
    | RoomStepKey
    | AreaStepKey
    | ListKeyPressed
    | ListStepKey
    | ListAcceptKey
    | ListDismissKey
    | CompletionStepKey
    | CompletionDismissKey
    | CompletionAcceptKey
    | SendKey
    | ResumeWriting
    | HeartbeatRequested
    | SelectionReported
    | PointerPressed
    | VisibilityReported
    | SemanticsShown
    | MotionReported
    | NotificationStateReported
    | NotificationClicked
    | FilesChosen
    | FileUnavailable
)


# Commands: from the chat to the page.


@dataclass(frozen=True, slots=True)
class ScreenShown:
    """`o1`, `o0`: the frames before this one draw the chat, or the start screen."""

    is_chat: bool


@dataclass(frozen=True, slots=True)
class RemovePrefix:
    """`c` id, space, text: the text of this id is stored; remove it from the front of the field.

    `RemovePrefixReply` follows.
    """

    client_id: str
    text: str


@dataclass(frozen=True, slots=True)
class SendSettled:
    """`a` id: a sent text needs nothing more from the page: it is done, or stays in the field."""

    client_id: str


@dataclass(frozen=True, slots=True)
class PressSend:
    """`p` text: the person clicked the button that sends; as the key, with the field's text.

    `text` is that text if the page has no field at the moment.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ReportContext:
    """`m` JSON: `[path, edited, quoted, uploads]`, what the field is for from now on.

    The room at `path`; the numbers of the message that is edited and of the one that is answered, 0
    for none; the ids of the uploads that the message has, None while some are on their way.
    """

    path: str
    edited_number: int
    quoted_number: int
    upload_ids: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`z`: the chat is there."""


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """`s` JSON: `[index, old, new]`, replace a text in the message field if it is at that index."""

    index: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ReplaceInputText:
    """`ur` JSON: `[index, old, new]`, replace a text in the input that has the focus, likewise.

    An input is the field of a dialog or a panel.
    """

    index: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SelectInputText:
    """`us`: select the text of the input that gets the focus next."""


@dataclass(frozen=True, slots=True)
class CaptureCompletionKeys:
    """`g1`, `g0`: report the keys of the completion list, and keep them from the field."""

    on: bool


@dataclass(frozen=True, slots=True)
class CaptureListArrows:
    """`l1`, `l0`: report the arrows in a dialog's field, and keep them from it."""

    on: bool


@dataclass(frozen=True, slots=True)
class CaptureChoiceKeys:
    """`e1`, `e0`: report Tab, Enter and Escape in a dialog's field, and keep them from it: they
    choose from a completion list, or close it."""

    on: bool


@dataclass(frozen=True, slots=True)
class CaptureListKeys:
    """`vm`, `vr`, `vn`, `v0`: report the keys of a list of messages, or of the rooms, and keep them
    from the field, or let arrows move in a menu until it closes, or do not; off in each new
    connection."""

    area: KeyArea


@dataclass(frozen=True, slots=True)
class Announce:
    """`r` text: let a screen reader read this text, when it has read what it is reading."""

    text: str


@dataclass(frozen=True, slots=True)
class FocusField:
    """`w`, `w1`: focus the message field; `w1` only where no on-screen keyboard comes up."""

    allow_virtual_keyboard: bool = True


@dataclass(frozen=True, slots=True)
class BackHandled:
    """`b1`, `b0`: Back has closed something, or nothing was open and Back goes on."""

    has_closed: bool


@dataclass(frozen=True, slots=True)
class ReplacePath:
    """`h` path: this path takes the place of the page's, which stays one entry of its history."""

    path: str


@dataclass(frozen=True, slots=True)
class ForgetKeys:
    """`w0`: the message field cannot have the focus now; forget the keys that wait for it."""


@dataclass(frozen=True, slots=True)
class ShowNotification:
    """`n` JSON: `{title, body, path, tag, sound}`; it replaces one of the same tag."""

    title: str
    body: str
    path: str
    tag: str
    sound: bool


@dataclass(frozen=True, slots=True)
class CloseNotifications:
    """`x1` JSON, `x0` JSON: close the notifications with these tags, or all but those."""

    tags: tuple[str, ...]
    close_others: bool


@dataclass(frozen=True, slots=True)
class SwitchNotifications:
    """`q1`, `q0`: switch notifications on or off on this device; the browser asks the person if it
    has not. `NotificationStateReported` follows."""

    on: bool


@dataclass(frozen=True, slots=True)
class FetchToken:
    """`i` code: fetch the cookie of the person who came in, with this one-time code."""

    code: str


@dataclass(frozen=True, slots=True)
class SetTheme:
    """`t` theme: begin in `system`, `light` or `dark` from now on."""

    theme: str


@dataclass(frozen=True, slots=True)
class SetSendKey:
    """`k1`, `k0`: Ctrl+Enter sends, or Enter does."""

    ctrl_enter: bool


@dataclass(frozen=True, slots=True)
class OpenFileChooser:
    """`fc`: open the browser's file chooser."""


@dataclass(frozen=True, slots=True)
class AcceptFiles:
    """`ft1`, `ft0`: take files that are dropped or pasted, or do not."""

    on: bool


@dataclass(frozen=True, slots=True)
class UploadFile:
    """`fu` JSON: `[number, url]`, upload a chosen file with PUT."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class ForgetFile:
    """`fx` number: forget a chosen file, and stop its upload."""

    number: int


@dataclass(frozen=True, slots=True)
class SaveFile:
    """`fd` url: save the file at this address."""

    url: str


@dataclass(frozen=True, slots=True)
class ShowUnread:
    """`d` number: show the unread count in the tab's title and on the app's icon; 0 is none."""

    count: int


PageCommand: TypeAlias = (
    ScreenShown
    | NameRefused
    | RemovePrefix
    | SendSettled
    | PressSend
    | ReportContext
    | Heartbeat
    | ReplaceText
    | ReplaceInputText
    | SelectInputText
    | CaptureCompletionKeys
    | CaptureListArrows
    | CaptureChoiceKeys
    | CaptureListKeys
    | Announce
    | FocusField
    | BackHandled
    | ReplacePath
    | ForgetKeys
    | ShowNotification
    | CloseNotifications
    | SwitchNotifications
    | FetchToken
    | SetTheme
    | SetSendKey
    | OpenFileChooser
    | AcceptFiles
    | UploadFile
    | ForgetFile
    | SaveFile
    | ShowUnread
)


# Messages without an argument, by the whole payload.
_EVENTS: dict[bytes, PageEvent] = {
    b"hs": SemanticsShown(),
    b"hm1": MotionReported(True),
    b"hm0": MotionReported(False),
    b"y": RemovePrefixReply(True),
    b"n": RemovePrefixReply(False),
    b"e": FieldFocusRequested(),
    b"u": EditLastKey(),
    b"x": EscapeKey(),
    b"d": CloseDialogKey(),
    b"t": BackPressed(),
    b"k": QuickSwitcherKey(),
    b"kf": SearchKey(),
    b"k,": SettingsKey(),
    b"?": ShortcutsKey(),
    b"m": MarkAllReadKey(),
    b"ru": RoomStepKey(Direction.UP, unread=False),
    b"rd": RoomStepKey(Direction.DOWN, unread=False),
    b"wu": RoomStepKey(Direction.UP, unread=True),
    b"wd": RoomStepKey(Direction.DOWN, unread=True),
    b"cu": AreaStepKey(Direction.UP),
    b"cd": AreaStepKey(Direction.DOWN),
    **{b"q" + each.encode(): ListKeyPressed(each) for each in ListKey},
    b"lu": ListStepKey(Direction.UP),
    b"ld": ListStepKey(Direction.DOWN),
    b"lt": ListAcceptKey(),
    b"lx": ListDismissKey(),
    b"gu": CompletionStepKey(Direction.UP),
    b"gd": CompletionStepKey(Direction.DOWN),
    b"gx": CompletionDismissKey(),
    b"l": VisibilityReported(Visibility.ACTIVE),
    b"v": VisibilityReported(Visibility.UNFOCUSED),
    b"b": VisibilityReported(Visibility.HIDDEN),
    b"i": VisibilityReported(Visibility.IDLE),
    b"z": HeartbeatRequested(),
    **{b"a" + each.encode(): NotificationStateReported(each) for each in NotificationState},
}
_EVENT_PAYLOADS = {event: payload for payload, event in _EVENTS.items()}

_ACCEPT_KEYS = {b"gt": AcceptKey.TAB, b"ge": AcceptKey.ENTER}
_ACCEPT_PAYLOADS = {key: payload for payload, key in _ACCEPT_KEYS.items()}

_COMMANDS: dict[bytes, PageCommand] = {
    b"o1": ScreenShown(is_chat=True),
    b"o0": ScreenShown(is_chat=False),
    b"g1": CaptureCompletionKeys(True),
    b"g0": CaptureCompletionKeys(False),
    b"l1": CaptureListArrows(True),
    b"l0": CaptureListArrows(False),
    b"e1": CaptureChoiceKeys(True),
    b"e0": CaptureChoiceKeys(False),
    **{b"v" + each.encode(): CaptureListKeys(each) for each in KeyArea},
    b"w": FocusField(allow_virtual_keyboard=True),
    b"us": SelectInputText(),
    b"z": Heartbeat(),
    b"w1": FocusField(allow_virtual_keyboard=False),
    b"b1": BackHandled(True),
    b"b0": BackHandled(False),
    b"w0": ForgetKeys(),
    b"q1": SwitchNotifications(True),
    b"q0": SwitchNotifications(False),
    b"k1": SetSendKey(ctrl_enter=True),
    b"k0": SetSendKey(ctrl_enter=False),
    b"fc": OpenFileChooser(),
    b"ft1": AcceptFiles(True),
    b"ft0": AcceptFiles(False),
}
_COMMAND_PAYLOADS = {command: payload for payload, command in _COMMANDS.items()}


def parse_event(frame: bytes) -> PageEvent:
    """The event of a frame that the page sent. Raises ValueError for anything else."""
    payload = _payload(frame)
    if (event := _EVENTS.get(payload)) is not None:
        return event
    argument = payload[1:]
    match payload[:1]:
        case b"h":
            return _ready(argument)
        case b"j":
            return _name(argument)
        case b"s":
            return _send_key(payload)
        case b"r":
            return _resume(argument)
        case b"g":
            return _accept_key(payload)
        case b"p":
            return _selection(payload)
        case b"c":
            return _press(payload)
        case b"o":
            return _clicked(argument)
        case b"f":
            return _files(argument)
    raise ValueError("an unknown event of the page")


def encode_event(event: PageEvent) -> bytes:
    """The frame of an event, byte for byte as the page's scripts send it.

    Raises ValueError for a `CompletionAcceptKey` without `field`, and for text that is no UTF-8.
    """
    match event:
        case PageReady(key):
            payload = b"h" + key.encode()
        case NameEntered(name):
            payload = b"j" + name.encode()
        case SendKey(client_id, edited_number, text, path):
            room = (path or "-").encode()
            payload = b"s%s %d %s %s" % (client_id.encode(), edited_number, room, text.encode())
        case ResumeWriting(path, edited_number, quoted_number, text):
            payload = b"r" + _json([path, edited_number, quoted_number, text])
        case CompletionAcceptKey(key, FieldSnapshot(text, cursor), client_id, path):
            prefix = f"{client_id} {path or '-'} ".encode() if key is AcceptKey.ENTER else b""
            payload = b"%s%s%d %s" % (_ACCEPT_PAYLOADS[key], prefix, cursor, text.encode())
        case CompletionAcceptKey():
            raise ValueError("the page reports the text of the field with this key")
        case SelectionReported(start, end):
            payload = b"p%d %d" % (start, end)
        case PointerPressed(x, y):
            payload = b"c%d %d" % (x, y)
        case NotificationClicked(path):
            payload = b"o" + path.encode()
        case FilesChosen(files):
            payload = b"f" + _json([[each.number, each.name, each.size] for each in files])
        case FileUnavailable(number):
            payload = b"f%d" % number
        case _:
            payload = _EVENT_PAYLOADS[event]
    return PREFIX + payload


def encode_command(command: PageCommand) -> bytes:
    """The frame of a command. Raises ValueError for text that is no UTF-8."""
    match command:
        case NameRefused(sentence, suggestions, hint, sign_in):
            fields = [sentence, suggestions, hint, sign_in]
            payload = "j" + json.dumps(fields, ensure_ascii=False)
        case RemovePrefix(client_id, text):
            payload = f"c{client_id} {text}"
        case SendSettled(client_id):
            payload = "a" + client_id
        case PressSend(text):
            payload = "p" + text
        case ReportContext(path, edited_number, quoted_number, upload_ids):
            payload = "m" + json.dumps(
                [path, edited_number, quoted_number, upload_ids], ensure_ascii=False
            )
        case ReplaceText(index, old, new):
            payload = "s" + json.dumps([index, old, new], ensure_ascii=False)
        case ReplaceInputText(index, old, new):
            payload = "ur" + json.dumps([index, old, new], ensure_ascii=False)
        case ShowNotification(title, body, path, tag, sound):
            notification = {"title": title, "body": body, "path": path, "tag": tag, "sound": sound}
            payload = "n" + json.dumps(notification, ensure_ascii=False)
        case CloseNotifications(tags, close_others):
            payload = f"x{not close_others:d}" + json.dumps(tags)
        case Announce(text):
            payload = "r" + text
        case FetchToken(code):
            payload = "i" + code
        case ReplacePath(path):
            payload = "h" + path
        case SetTheme(theme):
            payload = "t" + theme
        case UploadFile(number, url):
            payload = "fu" + json.dumps([number, url])
        case ForgetFile(number):
            payload = f"fx{number}"
        case SaveFile(url):
            payload = "fd" + url
        case ShowUnread(count):
            payload = f"d{count}"
        case _:
            return PREFIX + _COMMAND_PAYLOADS[command]
    return PREFIX + payload.encode()


def parse_command(frame: bytes) -> PageCommand:
    """The command of a frame that the chat sent: for clients that are no browser.

    Raises ValueError for anything else.
    """
    payload = _payload(frame)
    if (command := _COMMANDS.get(payload)) is not None:
        return command
    text = payload.decode()
    try:
        match text[:1], text[1:2]:
            case "j", _:
                sentence, suggestions, hint, sign_in = json.loads(text[1:])
                return NameRefused(sentence, tuple(suggestions), hint, sign_in)
            case "c", _:
                client_id, _, removed = text[1:].partition(" ")
                return RemovePrefix(client_id, removed)
            case "a", _:
                return SendSettled(text[1:])
            case "p", _:
                return PressSend(text[1:])
            case "m", _:
                path, edited, quoted, uploads = json.loads(text[1:])
                upload_ids = None if uploads is None else tuple(uploads)
                return ReportContext(path, edited, quoted, upload_ids)
            case "s", _:
                return ReplaceText(*json.loads(text[1:]))
            case "u", "r":
                return ReplaceInputText(*json.loads(text[2:]))
            case "n", _:
                return ShowNotification(**json.loads(text[1:]))
            case "h", _:
                return ReplacePath(text[1:])
            case "x", "0" | "1":
                return CloseNotifications(tuple(json.loads(text[2:])), text[1] == "0")
            case "r", _:
                return Announce(text[1:])
            case "i", _:
                return FetchToken(text[1:])
            case "t", _:
                return SetTheme(text[1:])
            case "d", _:
                return ShowUnread(int(text[1:]))
            case "f", "u":
                return UploadFile(*json.loads(text[2:]))
            case "f", "x":
                return ForgetFile(int(text[2:]))
            case "f", "d":
                return SaveFile(text[2:])
    except (TypeError, RecursionError) as error:
        raise ValueError("a command with other arguments") from error
    raise ValueError("an unknown command of the chat")


def _payload(frame: bytes) -> bytes:
    if not frame.startswith(PREFIX):
        raise ValueError("a frame of another protocol")
    return frame[len(PREFIX) :]


def _text(argument: bytes) -> str:
    """Text in UTF-8; invalid bytes are replaced, so that no text of a person is refused."""
    return argument.decode(errors="replace")


def _ready(argument: bytes) -> PageReady:
    if not _DEVICE_KEY.fullmatch(argument):
        raise ValueError("an odd key of a device")
    return PageReady(argument.decode())


def _name(argument: bytes) -> NameEntered:
    name = _text(argument)
    if len(name) > MAX_NAME_LENGTH:
        raise ValueError("a name that is too long")
    return NameEntered(name)


def _accept_key(payload: bytes) -> CompletionAcceptKey:
    found = _PLACED.match(payload)
    if found is None:
        raise ValueError("a key of the completion list without a place")
    field = FieldSnapshot(_text(payload[found.end() :]), int(found[5]))
    key = _ACCEPT_KEYS[found[1] or found[2]]
    return CompletionAcceptKey(key, field, (found[3] or b"").decode(), _sent_path(found[4] or b"-"))


def _send_key(payload: bytes) -> SendKey:
    found = _SENT.match(payload)
    if found is None:
        raise ValueError("a sent text without an id")
    text, path = _text(payload[found.end() :]), _sent_path(found[3])
    return SendKey(found[1].decode(), int(found[2]), text, path)


def _sent_path(argument: bytes) -> str:
    return "" if argument == b"-" else _text(argument)


def _resume(argument: bytes) -> ResumeWriting:
    try:
        value = json.loads(argument)
    except RecursionError as error:
        raise ValueError("a value that is too deep") from error
    match value:
        case [str(path), edited, quoted, str(text)]:
            numbers = _is_integer(edited, 0) and _is_integer(quoted, 0)
            if numbers and len(path) <= MAX_PATH_LENGTH and len(text) <= FIELD_LIMIT:
                return ResumeWriting(path, edited, quoted, text)
    raise ValueError("not the state of a field")


def _selection(payload: bytes) -> SelectionReported:
    found = _SELECTION.match(payload)
    if found is None:
        raise ValueError("a selection without two places")
    return SelectionReported(int(found[1]), int(found[2]))


def _press(payload: bytes) -> PointerPressed:
    found = _PRESS.match(payload)
    if found is None:
        raise ValueError("a press without a place")
    return PointerPressed(int(found[1]), int(found[2]))


def _clicked(argument: bytes) -> NotificationClicked:
    path = argument.decode()
    if not path.startswith("/") or "//" in path or len(path) > MAX_PATH_LENGTH:
        raise ValueError("a path that is none of the chat's")
    return NotificationClicked(path)


def _files(argument: bytes) -> FilesChosen | FileUnavailable:
    if len(argument) > MAX_FILES_SIZE:
        raise ValueError("too much about files")
    try:
        value = json.loads(argument)
    except RecursionError as error:
        raise ValueError("a value that is too deep") from error
    if _is_integer(value, 0):
        return FileUnavailable(value)
    if not isinstance(value, list) or not 0 < len(value) <= MAX_FILES:
        raise ValueError("no list of files, or too many")
    return FilesChosen(tuple(map(_file, value)))


def _file(value: object) -> ChosenFile:
    match value:
        case [number, str(name), size] if len(name) <= MAX_FILE_NAME_LENGTH:
            if _is_integer(number, 0) and _is_integer(size, FOLDER_SIZE):
                return ChosenFile(number, name, size)
    raise ValueError("not a file")


def _is_integer(value: object, least: int) -> TypeGuard[int]:
    """Whether this is an integer from `least` on that JavaScript counts exactly; True is none."""
    return type(value) is int and least <= value < _MAX_SAFE_INTEGER


def _json(value: Any) -> bytes:
    """As JSON.stringify: no spaces, and only half a surrogate pair is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()
