"""The page-script protocol: each message survives its bytes, and odd bytes are a ValueError."""

import ast
import contextlib
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.people.presence import Visibility
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.connection import FieldSnapshot
from chat.ui.client.list_keys import KeyArea, ListKey
from chat.ui.client.name_refusal import NameRefused
from chat.ui.client.notification_state import NotificationState
from chat.ui.client.page_messages import (
    FIELD_LIMIT,
    MAX_CLIENT_ID_LENGTH,
    MAX_FILE_NAME_LENGTH,
    MAX_FILES,
    MAX_FILES_SIZE,
    MAX_NAME_LENGTH,
    MAX_PATH_LENGTH,
    PREFIX,
    AcceptFiles,
    AcceptKey,
    Announce,
    AreaStepKey,
    BackHandled,
    BackPressed,
    CaptureChoiceKeys,
    CaptureCompletionKeys,
    CaptureListArrows,
    CaptureListKeys,
    CloseDialogKey,
    CloseNotifications,
    CompletionAcceptKey,
    CompletionDismissKey,
    CompletionStepKey,
    Direction,
    EditLastKey,
    EscapeKey,
    FetchToken,
    FieldFocusRequested,
    FilesChosen,
    FileUnavailable,
    FocusField,
    ForgetFile,
    ForgetKeys,
    Heartbeat,
    HeartbeatRequested,
    ListAcceptKey,
    ListDismissKey,
    ListKeyPressed,
    ListStepKey,
    MarkAllReadKey,
    MotionReported,
    NameEntered,
    NotificationClicked,
    NotificationStateReported,
    OpenFileChooser,
    PageCommand,
    PageEvent,
    PageReady,
    PointerPressed,
    PressSend,
    QuickSwitcherKey,
    RemovePrefix,
    RemovePrefixReply,
    ReplaceInputText,
    ReplacePath,
    ReplaceText,
    ReportContext,
    ResumeWriting,
    RoomStepKey,
    SaveFile,
    ScreenShown,
    SearchKey,
    SelectInputText,
    SelectionReported,
    SemanticsShown,
    SendKey,
    SendSettled,
    SetSendKey,
    SetTheme,
    SettingsKey,
    ShortcutsKey,
    ShowNotification,
    ShowUnread,
    SwitchNotifications,
    UploadFile,
    VisibilityReported,
    encode_command,
    encode_event,
    parse_command,
    parse_event,
)

# Frames of other tests, recorded on a socket; the page script itself sent some of them.
_LINES = Path(__file__).with_name("page_frames.txt").read_text("utf-8").splitlines()
RECORDED = [
    (kind, ast.literal_eval(frame)) for kind, frame in (each.split("\t") for each in _LINES)
]
RECORDED_EVENTS = [frame for kind, frame in RECORDED if kind == "event"]
RECORDED_COMMANDS = [frame for kind, frame in RECORDED if kind == "command"]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NATURALS = st.integers(0, 2**53 - 1)
PLACES = st.integers(0, 999_999)
PIXELS = st.integers(0, 99_999)
NAMES = st.text(max_size=MAX_FILE_NAME_LENGTH)
FILES = st.builds(ChosenFile, NATURALS, NAMES, st.integers(-1, 2**53 - 1))
PATHS = TEXTS.map(lambda text: re.sub("/+", "/", "/" + text)[:MAX_PATH_LENGTH])
# The path of a room has no space; it is empty before a room was shown.
ROOM_PATHS = st.just("") | PATHS.map(lambda path: path.replace(" ", "-"))
DIRECTIONS = st.sampled_from(Direction)
NUMBERS = st.integers(0, 999_999_999)
SNAPSHOTS = st.builds(FieldSnapshot, TEXTS, PLACES)
CLIENT_IDS = st.from_regex(rf"[0-9a-z]{{1,{MAX_CLIENT_ID_LENGTH}}}", fullmatch=True)
UPLOADS = st.none() | st.lists(TEXTS, max_size=3).map(tuple)

EVENTS: dict[type, st.SearchStrategy[PageEvent]] = {
    PageReady: st.builds(PageReady, st.from_regex(r"(?:[0-9a-f]{64})?", fullmatch=True)),
    NameEntered: st.builds(NameEntered, TEXTS.map(lambda text: text[:MAX_NAME_LENGTH])),
    RemovePrefixReply: st.builds(RemovePrefixReply, st.booleans()),
    FieldFocusRequested: st.builds(FieldFocusRequested),
    EditLastKey: st.builds(EditLastKey),
    EscapeKey: st.builds(EscapeKey),
    CloseDialogKey: st.builds(CloseDialogKey),
    BackPressed: st.builds(BackPressed),
    QuickSwitcherKey: st.builds(QuickSwitcherKey),
    SettingsKey: st.builds(SettingsKey),
    SearchKey: st.builds(SearchKey),
    ShortcutsKey: st.builds(ShortcutsKey),
    MarkAllReadKey: st.builds(MarkAllReadKey),
    RoomStepKey: st.builds(RoomStepKey, DIRECTIONS, st.booleans()),
    AreaStepKey: st.builds(AreaStepKey, DIRECTIONS),
    ListKeyPressed: st.builds(ListKeyPressed, st.sampled_from(ListKey)),
    ListStepKey: st.builds(ListStepKey, DIRECTIONS),
    ListAcceptKey: st.builds(ListAcceptKey),
    ListDismissKey: st.builds(ListDismissKey),
    CompletionStepKey: st.builds(CompletionStepKey, DIRECTIONS),
    CompletionDismissKey: st.builds(CompletionDismissKey),
    CompletionAcceptKey: st.one_of(
        st.builds(CompletionAcceptKey, st.just(AcceptKey.TAB), SNAPSHOTS),
        st.builds(CompletionAcceptKey, st.just(AcceptKey.ENTER), SNAPSHOTS, CLIENT_IDS, ROOM_PATHS),
    ),
    SendKey: st.builds(SendKey, CLIENT_IDS, NUMBERS, TEXTS, ROOM_PATHS),
    ResumeWriting: st.builds(ResumeWriting, PATHS, NATURALS, NATURALS, TEXTS),
    HeartbeatRequested: st.builds(HeartbeatRequested),
    SelectionReported: st.builds(SelectionReported, PLACES, PLACES),
    PointerPressed: st.builds(PointerPressed, PIXELS, PIXELS),
    SemanticsShown: st.builds(SemanticsShown),
    MotionReported: st.builds(MotionReported, st.booleans()),
    VisibilityReported: st.builds(VisibilityReported, st.sampled_from(Visibility)),
    NotificationStateReported: st.builds(
        NotificationStateReported, st.sampled_from(NotificationState)
    ),
    NotificationClicked: st.builds(NotificationClicked, PATHS),
    FilesChosen: st.builds(FilesChosen, st.lists(FILES, min_size=1, max_size=5).map(tuple)),
    FileUnavailable: st.builds(FileUnavailable, NATURALS),
}
COMMANDS: dict[type, st.SearchStrategy[PageCommand]] = {
    ScreenShown: st.builds(ScreenShown, st.booleans()),
    NameRefused: st.builds(NameRefused, TEXTS, st.tuples(TEXTS, TEXTS), TEXTS, TEXTS),
    RemovePrefix: st.builds(RemovePrefix, CLIENT_IDS, TEXTS),
    SendSettled: st.builds(SendSettled, CLIENT_IDS),
    PressSend: st.builds(PressSend, TEXTS),
    ReportContext: st.builds(ReportContext, PATHS, NATURALS, NATURALS, UPLOADS),
    Heartbeat: st.builds(Heartbeat),
    ReplaceInputText: st.builds(ReplaceInputText, NATURALS, TEXTS, TEXTS),
    SelectInputText: st.builds(SelectInputText),
    ReplaceText: st.builds(ReplaceText, NATURALS, TEXTS, TEXTS),
    CaptureCompletionKeys: st.builds(CaptureCompletionKeys, st.booleans()),
    CaptureListKeys: st.builds(CaptureListKeys, st.sampled_from(KeyArea)),
    Announce: st.builds(Announce, TEXTS),
    CaptureListArrows: st.builds(CaptureListArrows, st.booleans()),
    CaptureChoiceKeys: st.builds(CaptureChoiceKeys, st.booleans()),
    FocusField: st.builds(FocusField, allow_virtual_keyboard=st.booleans()),
    BackHandled: st.builds(BackHandled, st.booleans()),
    ReplacePath: st.builds(ReplacePath, PATHS),
    ForgetKeys: st.builds(ForgetKeys),
    ShowNotification: st.builds(ShowNotification, TEXTS, TEXTS, TEXTS, TEXTS, st.booleans()),
    CloseNotifications: st.builds(
        CloseNotifications, st.lists(TEXTS, max_size=5).map(tuple), st.booleans()
    ),
    SwitchNotifications: st.builds(SwitchNotifications, st.booleans()),
    FetchToken: st.builds(FetchToken, st.text("abc-_", min_size=1, max_size=43)),
    SetTheme: st.builds(SetTheme, st.sampled_from(["system", "light", "dark"])),
    SetSendKey: st.builds(SetSendKey, st.booleans()),
    OpenFileChooser: st.builds(OpenFileChooser),
    AcceptFiles: st.builds(AcceptFiles, st.booleans()),
    UploadFile: st.builds(UploadFile, NATURALS, TEXTS),
    ForgetFile: st.builds(ForgetFile, NATURALS),
    SaveFile: st.builds(SaveFile, TEXTS),
    ShowUnread: st.builds(ShowUnread, NATURALS),
}
ANY_EVENT = st.one_of(*EVENTS.values())
ANY_COMMAND = st.one_of(*COMMANDS.values())

# Payloads at the limits, and odd ones.
ODD_PAYLOADS = [
    *(
        b"",
        b"zz",
        b"g",
        b"gk",
        b"k1",
        b"ll",
        b"a",
        b"a2",
        b"abx",
        b"q",
        b"r",
        b"w",
        b"s",
        b"s\xff\xfe",
    ),
    *(b"j" + b"x" * length for length in (MAX_NAME_LENGTH, MAX_NAME_LENGTH + 1)),
    *(b"j", b"j\xff"),
    *(b"gehello", b"gea -1 hello", b"gt1234567 x", b"gt000001 x", b"gt1  two", b"gea 1 \xff"),
    *(b"gea \xd9\xa1 x", b"ge1 x", b"gea x", b"geA 1 x", b"gta 1 x", b"ge" + b"a" * 41 + b" 1 x"),
    *(b"sa 0 ", b"sa 0", b"s 0 x", b"sA 0 x", b"sa -1 x", b"sa  x", b"s" + b"a" * 41 + b" 0 x"),
    *(b"sa 999999999 x", b"sa 1000000000 x", b"s" + b"a" * 40 + b" 7 x"),
    *(b"r[]", b'r["/",0,0]', b'r["/",0,-1,"x"]', b'r["/",true,0,"x"]', b'r["/",0,0,null]'),
    *(b"r" + json.dumps(["/", 0, 1, "x" * length]).encode() for length in (30_000, 30_001)),
    *(b"r" + json.dumps(["/" * length, 1, 0, ""]).encode() for length in (200, 201)),
    *(b"r" + b"[" * 5000, b"p1 2 3", b"p1 2\n", b"p1 2 ", b"p 1 2", b"p000001 2", b"p1 9999999"),
    *(b"c", b"c1", b"c1 ", b"c-1 2", b"c1.5 2", b"c1 2\n", b"c100000 1", b"c99999 99999", b"c 1 2"),
    *(b"o", b"o/", b"o//a.example", b"o/room//lobby", b"ohttps://a/", b"o/\xff", b"o/\x00"),
    *(b"o/" + b"x" * (MAX_PATH_LENGTH - 1), b"o/" + b"x" * MAX_PATH_LENGTH, b"o/\xed\xa0\x80"),
    *(b"o/" + "é".encode() * (MAX_PATH_LENGTH - 1), b"o/" + "é".encode() * MAX_PATH_LENGTH),
    *(b"f", b"f0", b"f-1", b"ftrue", b"fnull", b"f1.0", b"f1e3", b"fNaN", b'f{"a":1}', b"f[]"),
    *(b"f9007199254740991", b"f9007199254740992", b"f" + b"9" * 5000, b"f" + b"[" * 5000),
    *(b'f[[1,"a",2]]', b'f[[1,"a",-1]]', b'f[[1,"a",-2]]', b'f[[1,"a",9007199254740992]]'),
    *(b'f[[1,"a",true]]', b'f[[true,"a",1]]', b"f[[1,2,3]]", b'f[[1,"a"]]', b'f[[1,"a",2,3]]'),
    *(b'f[[1,"\\ud800",2]]', b'f[[1,"\xed\xa0\x80",2]]', b'f\xef\xbb\xbf[[1,"a",2]]'),
    b"f" + '[[1,"a",2]]'.encode("utf-16"),
    *(b"f" + json.dumps([[n, "x", n] for n in range(count)]).encode() for count in (50, 51)),
    *(b"f" + json.dumps([[1, "x" * length, 1]]).encode() for length in (300, 301)),
    *(b"f1" + b" " * length for length in (MAX_FILES_SIZE - 1, MAX_FILES_SIZE)),
]
ARGUMENT_PREFIXES = [b"f", b"f[[", b'f[[1,"', b"o/", b"gt1", b"gea ", b"p1 ", b"sa 0 ", b'r["/",']
PAYLOADS = st.one_of(
    st.binary(max_size=60),
    st.builds(bytes.__add__, st.sampled_from(ARGUMENT_PREFIXES), st.binary(max_size=40)),
    st.sampled_from(ODD_PAYLOADS),
    ANY_EVENT.map(lambda event: encode_event(event)[1:]),
)


@settings(deadline=None)
@given(ANY_EVENT)
def test_event_survives_its_bytes(event: PageEvent) -> None:
    frame = encode_event(event)
    assert frame.startswith(PREFIX)
    assert parse_event(frame) == event


@settings(deadline=None)
@given(ANY_COMMAND)
def test_command_survives_its_bytes(command: PageCommand) -> None:
    frame = encode_command(command)
    assert frame.startswith(PREFIX)
    assert parse_command(frame) == command


@settings(deadline=None, max_examples=500)
@given(PAYLOADS)
def test_parsers_raise_nothing_but_value_error(payload: bytes) -> None:
    for frame in (payload, PREFIX + payload):
        for parse in (parse_event, parse_command):
            with contextlib.suppress(ValueError):
                parse(frame)


@pytest.mark.parametrize("payload", ODD_PAYLOADS, ids=lambda payload: repr(payload[:24]))
def test_odd_payload_is_an_event_within_the_limits_or_a_value_error(payload: bytes) -> None:
    try:
        event = parse_event(PREFIX + payload)
    except ValueError:
        return
    match event:
        case SendKey(client_id) | CompletionAcceptKey(AcceptKey.ENTER, _, client_id):
            assert 0 < len(client_id) <= MAX_CLIENT_ID_LENGTH and client_id.isalnum()
        case ResumeWriting(path, _, _, text):
            assert len(path) <= MAX_PATH_LENGTH and len(text) <= FIELD_LIMIT
        case NameEntered(name):
            assert len(name) <= MAX_NAME_LENGTH
        case NotificationClicked(path):
            assert path.startswith("/") and "//" not in path and len(path) <= MAX_PATH_LENGTH
        case FilesChosen(files):
            assert 0 < len(files) <= MAX_FILES
            assert all(len(each.name) <= MAX_FILE_NAME_LENGTH for each in files)
    assert parse_event(encode_event(event)) == event


@pytest.mark.parametrize(
    "payload",
    [
        b"m[]",
        b'm["/",0,0]',
        b"m1",
        b"s{}",
        b"s1",
        b"s[1]",
        b"n[]",
        b"n{}",
        b"fu[1]",
        b"dx",
        b"x1",
        b"x2[]",
        b"q",
        b"j[]",
        b"j1",
        b"c\xff",
    ],
)
def test_command_with_other_arguments_is_a_value_error(payload: bytes) -> None:
    with pytest.raises(ValueError):
        parse_command(PREFIX + payload)


@pytest.mark.parametrize("kind", [b"s", b"n", b"fu", b"m"])
def test_command_that_is_nested_too_deep_is_a_value_error(kind: bytes) -> None:
    with pytest.raises(ValueError, match="arguments"):
        parse_command(PREFIX + kind + b"[" * 100_000)


def test_all_short_payloads_are_parsed_or_refused() -> None:
    accepted = []
    for payload in (bytes(pair) for pair in [(a, b) for a in range(256) for b in range(256)]):
        try:
            parse_event(PREFIX + payload)
        except ValueError:
            continue
        accepted.append(payload)
    texts_and_numbers = [each for each in accepted if each[:1] in {b"f", b"j"}]
    assert len(texts_and_numbers) == 10 + 256
    others = sorted(set(accepted) - set(texts_and_numbers))
    assert others == [
        b"a0",
        b"a1",
        b"ab",
        b"ah",
        b"ai",
        b"an",
        b"aq",
        b"cd",
        b"cu",
        b"gd",
        b"gu",
        b"gx",
        b"hs",
        b"k,",
        b"kf",
        b"ld",
        b"lt",
        b"lu",
        b"lx",
        b"o/",
        b"rd",
        b"ru",
        b"wd",
        b"wu",
    ]


def test_desktop_accept_key_without_a_field_has_no_frame() -> None:
    with pytest.raises(ValueError, match="text of the field"):
        encode_event(CompletionAcceptKey(AcceptKey.TAB, None))


@pytest.mark.parametrize("frame", [b"", b"k", b"\x00k", b"\x7f"])
def test_frame_of_another_protocol_is_refused(frame: bytes) -> None:
    for parse in (parse_event, parse_command):
        with pytest.raises(ValueError, match=r"another protocol|unknown"):
            parse(frame)


def test_recorded_frames_are_parsed_and_encoded_as_they_were() -> None:
    for frame in RECORDED_EVENTS:
        event = parse_event(frame)
        # The tests' client writes spaces in JSON, which JSON.stringify leaves out.
        assert encode_event(event) == (
            frame if not isinstance(event, FilesChosen) else _compact(frame)
        )
    for frame in RECORDED_COMMANDS:
        assert encode_command(parse_command(frame)) == frame


def test_recorded_frames_hold_most_kinds_of_message() -> None:
    assert {type(parse_event(each)) for each in RECORDED_EVENTS} <= EVENTS.keys()
    assert {type(parse_command(each)) for each in RECORDED_COMMANDS} == COMMANDS.keys()


def test_every_message_has_examples() -> None:
    assert set(get_args(PageEvent)) == EVENTS.keys()
    assert set(get_args(PageCommand)) == COMMANDS.keys()


# The tables of the docs: the first has the events, the second the commands.
_PAGE = Path(__file__).parents[2].joinpath("docs", "page-script.md").read_text("utf-8")
CODE = re.compile("`([^`]+)`")
_ROW = re.compile(r"\| (`.+?) \| `([A-Z]\w+)` \| .+ \|")
_EVENT_TABLE, _COMMAND_TABLE = (
    {name: described for described, name in _ROW.findall(table)}
    for table in re.split(r"^\| from the chat \|", _PAGE, flags=re.M)
)
_DESCRIBED: dict[type, str | None] = {
    **{each: _EVENT_TABLE.get(each.__name__) for each in EVENTS},
    **{each: _COMMAND_TABLE.get(each.__name__) for each in COMMANDS},
}


def test_tables_of_the_docs_have_each_message_in_order() -> None:
    assert [*_EVENT_TABLE] == [each.__name__ for each in get_args(PageEvent)]
    assert [*_COMMAND_TABLE] == [each.__name__ for each in get_args(PageCommand)]


@pytest.mark.parametrize("message", [*_DESCRIBED])
def test_docs_and_docstring_name_the_same_bytes(message: type) -> None:
    assert (message.__doc__ or "").partition(":")[0] == _DESCRIBED[message]


@pytest.mark.parametrize("message", [*_DESCRIBED])
@settings(deadline=None, max_examples=20)
@given(st.data())
def test_frames_begin_with_the_bytes_of_the_docs(message: type, data: st.DataObject) -> None:
    described = _DESCRIBED[message] or ""
    if message in EVENTS:
        payload = encode_event(data.draw(EVENTS[message]))[1:]
    else:
        payload = encode_command(data.draw(COMMANDS[message]))[1:]
    beginnings = tuple(each.encode() for each in CODE.findall(described))
    has_argument = CODE.sub("", described).strip(", ") != ""
    assert payload.startswith(beginnings) if has_argument else payload in beginnings


def _compact(frame: bytes) -> bytes:
    return b"\x7ff" + json.dumps(json.loads(frame[2:]), separators=(",", ":")).encode()
