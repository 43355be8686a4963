"""Draws the corpus: rows, lists, dialogs and other parts of the screen, by name.

Nearly all uses of the chat's code in the golden test are in this file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flet as ft

from chat.errors import BadName, ChatError, NameTaken
from chat.files.upload import Upload, UploadState
from chat.languages import ENGLISH, Language, negotiate_language
from chat.model.messages import Message, Revision, SearchHit
from chat.model.people import Person
from chat.model.preferences import Density, Preferences, SeedColour, SendKey, Theme
from chat.model.rooms import Membership, NotificationLevel, RoomKind
from chat.model.site import SiteInfo
from chat.text.emoji import EmojiPreferences
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import message_preview
from chat.text.search_query import Query, parse_query
from chat.ui.autocomplete.commands import CommandCandidates, command_completions
from chat.ui.autocomplete.mentions import MentionCandidates, mention_completions
from chat.ui.autocomplete.popup import CompletionPopup, CompletionProvider
from chat.ui.autocomplete.shortcodes import shortcode_completions
from chat.ui.client.connection import ClientConnection
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.composer.context_bar import ContextBar
from chat.ui.dialogs.avatar import AvatarDialog
from chat.ui.dialogs.gallery import Gallery, PictureSequence
from chat.ui.dialogs.help import CommandsDialog, ShortcutsDialog
from chat.ui.dialogs.invite import InviteDialog
from chat.ui.dialogs.link_warning import LinkWarningDialog
from chat.ui.dialogs.message_list import MessageEntry, MessageListDialog, location_label
from chat.ui.dialogs.message_menu import MenuItem, MessageMenu, ReactionActions
from chat.ui.dialogs.preferences import PreferenceActions, PreferencesDialog
from chat.ui.dialogs.quick_switcher import QuickSwitcherDialog, Target
from chat.ui.dialogs.room_browser import RoomBrowserDialog
from chat.ui.dialogs.room_details import RoomDetailsDialog, RoomPermissions
from chat.ui.dialogs.search import SearchDialog
from chat.ui.emoji.picker import EmojiPickerDialog
from chat.ui.packing.control_ids import TIMELINE_ID, assign_ids
from chat.ui.packing.row_cache import RowCache
from chat.ui.row_parts import FIRST_TEXT_PART, SHOW_MORE
from chat.ui.rows.divider import LabelledDivider
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.rows.poll import VotersDialog
from chat.ui.screen.header import Header, HeaderContent
from chat.ui.screen.welcome import NameDialog, WelcomeScreen
from chat.ui.sidebar.room_list import RoomList
from chat.ui.sidebar.sidebar import Sidebar
from chat.ui.theme import theme
from chat.ui.theme.density import COMFORTABLE_METRICS, COMPACT_METRICS
from chat.ui.theme.widgets import ROOM_ICONS
from chat.ui.timeline.hover_toolbar import HoverToolbar
from chat.ui.timeline.jump_buttons import JumpButtons
from chat.ui.timeline.renderer import LiveRenderer, PackedRenderer, RowRenderer
from chat.ui.timeline.timeline_header import RoomBeginning
from chat.ui.timeline.typing_line import TypingLine
from chat.ui.uploads.pending_files import PendingFile
from chat.ui.uploads.upload_tray import UploadTray
from chat.ui.viewer import DEFAULT_ROW_STATE, RowState, ViewerContext
from chat.workspace.commands import COMMANDS
from chat.workspace.workspace import Workspace
from tests.golden import corpus
from tests.golden.client import Client, Drawings, WireClient, before
from tests.golden.screens import draw_screens
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.waiting import wait_until

CHINESE = negotiate_language("zh-CN")
LANGUAGES = {"English": ENGLISH, "Chinese": CHINESE}


def signed(address: str) -> str:
    """An address for the desktop window, with a constant in place of the real signature."""
    return f"http://127.0.0.1:8550/pass/1.2.signature{address}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a viewer context, and their row state of each message."""

    clock: ViewerContext
    who: Person
    see: Callable[[Message], RowState] = lambda message: DEFAULT_ROW_STATE


def _as_its_own(person: Person) -> Callable[[Message], RowState]:
    """The row state of a person with every own part set, and everything opened."""

    def see(message: Message) -> RowState:
        return RowState(
            mentions_viewer=person.id in message.mentions,
            own_reactions=message.reactions_of(person.id),
            opened_parts=(SHOW_MORE, *range(FIRST_TEXT_PART, FIRST_TEXT_PART + 6)),
            own_votes=() if message.poll is None else message.poll.chosen_by(person.id),
        )

    return see


def _new_and_marked(message: Message) -> RowState:
    return RowState(
        starts_unread=message.number % 4 == 0, is_target=message.number % 3 == 0, is_anchor=True
    )


VIEWERS = {
    "a stranger": Viewer(ViewerContext(UTC), corpus.CROWD[0]),
    "Ann": Viewer(ViewerContext(UTC), corpus.ANN, _as_its_own(corpus.ANN)),
    "where it is new": Viewer(
        ViewerContext(ZoneInfo("America/New_York")), corpus.BOB, _new_and_marked
    ),
    "Chinese": Viewer(
        ViewerContext(ZoneInfo("Asia/Shanghai"), CHINESE), corpus.MEI, _as_its_own(corpus.MEI)
    ),
    "compact": Viewer(
        ViewerContext(ZoneInfo("Europe/Zurich"), ENGLISH, COMPACT_METRICS), corpus.DANA
    ),
    "window": Viewer(ViewerContext(UTC, ENGLISH, COMFORTABLE_METRICS, signed), corpus.OMAR),
}

CLOCKS = {name: VIEWERS[name].clock for name in ("a stranger", "Chinese", "compact", "window")}


async def nothing(*_: Any) -> None:
    """A placeholder for any click handler."""


def closes() -> None:
    """A placeholder for the function that closes a dialog."""


# Both renderers.


def _list_on(client: Client) -> ft.ListView:
    rows = ft.ListView(reverse=True)
    if isinstance(client, WireClient):
        assign_ids(rows, TIMELINE_ID)
    client.shows(rows)
    return rows


def _drawing(client: Client, viewer: Viewer) -> RowRenderer:
    rows = _list_on(client)
    if isinstance(client, WireClient):
        return PackedRenderer(
            rows, viewer.clock, client, row_cache=RowCache(), get_row_state=viewer.see
        )
    return LiveRenderer(rows, viewer.clock, on_part_click=nothing, get_row_state=viewer.see)


def _wire(client: Client) -> ClientConnection | None:
    return client if isinstance(client, WireClient) else None


WAYS: dict[str, Callable[[], Client]] = {"packed": WireClient, "controls": Client}

# (Flet takes some milliseconds for each row of ordinary controls.)
_IN_CONTROLS = {"Ann", "where it is new"}


def draw_rows(into: Drawings) -> None:
    """Draw each message by itself, for each viewer with both renderers."""
    pairs = corpus.pairs()
    for way, client_of in WAYS.items():
        for name, viewer in VIEWERS.items():
            if way == "controls" and name not in _IN_CONTROLS:
                continue
            client = client_of().opens()
            for title, previous, message in pairs:
                _drawing(client, viewer).replace_all([(previous, message)], None)
                into.keep(f"rows/{name}/{way}/{title}", client)


def draw_timelines(into: Drawings) -> None:
    """Draw a timeline, and each of the renderer's operations on it."""
    for way, client_of in WAYS.items():
        _draw_timeline(into, way, client_of().opens())


def _draw_timeline(into: Drawings, way: str, client: Client) -> None:
    said = list(corpus.talk().values())
    pairs = list(zip([None, *said], said, strict=False))
    drawing = _drawing(client, VIEWERS["Ann"])
    edited = replace(said[22], text="otherwise", change_number=2000)
    steps: dict[str, Callable[[], object]] = {
        "show": lambda: drawing.replace_all(pairs[10:20], None),
        "below": lambda: drawing.add_newer(said[19], tuple(said[20:23])),
        "below, alike for all": lambda: drawing.add_newer(said[22], tuple(said[23:25])),
        "above": lambda: drawing.add_older(15, pairs[5:10], None),
        "above, at the beginning": lambda: drawing.add_older(20, pairs[:5], RoomBeginning("Lobby")),
        "change": lambda: drawing.redraw(2, (said[21], edited)),
        "top": lambda: drawing.redraw_header(25, RoomBeginning("Garden")),
        "trim": lambda: drawing.trim(5, 26),
        "nothing": lambda: drawing.replace_all([], LabelledDivider("Nothing")),
    }
    for name, step in steps.items():
        step()
        into.keep(f"timeline/{way}/{name}", client)


# The parts around the timeline.


def draw_sides(into: Drawings) -> None:
    """Draw the sidebar: on a wide screen and on a phone, and its changes."""
    for way, client_of in WAYS.items():
        for name, clock in CLOCKS.items():
            _draw_side(into, f"side/{name}/{way}", client_of().opens(), clock, phone=False)
        clock = CLOCKS["a stranger"]
        _draw_side(into, f"side/phone/{way}", client_of().opens(), clock, phone=True)


def _draw_side(
    into: Drawings, kind: str, client: Client, clock: ViewerContext, *, phone: bool
) -> None:
    wire, me = _wire(client), corpus.ANN
    places = RoomList(me, clock, RowCache(), open_room=nothing, open_direct=nothing)
    side = Sidebar("Flet Chat", me, places, perform=nothing, t=clock.t, phone=phone)
    client.shows(side)
    side.draw(wire)
    into.keep(f"{kind}/empty", client)
    lobby, garden, cellar = corpus.SEATS[:3]
    steps: dict[str, Callable[[], object]] = {
        "all": lambda: places.show(corpus.SEATS, 1, corpus.HERE),
        "more is unread": lambda: places.update_membership(
            2, replace(garden, unread=8, unread_mentions=1)
        ),
        "renamed": lambda: places.update_membership(
            2, replace(garden, room=replace(garden.room, title="Zoo"))
        ),
        "another room": lambda: places.set_current_room(3),
        "given up": lambda: places.update_membership(3, None),
        "a thread": lambda: places.set_current_room(corpus.SILENT.id),
        "many people": lambda: places.show_online(corpus.CROWDED),
        "who left": lambda: places.show_online(replace(corpus.HERE, people=(me,))),
    }
    for name, step in steps.items():
        step()
        into.keep(f"{kind}/{name}", client)
    side.me = corpus.BOB
    side.draw(wire)
    into.keep(f"{kind}/another name", client)
    places.apply_viewer(replace(clock, metrics=COMPACT_METRICS))
    places.show((lobby, cellar), 1, corpus.HERE)
    into.keep(f"{kind}/other measures", client)


def draw_headers(into: Drawings) -> None:
    """Draw the header of each kind of room."""
    signs = {
        "public": HeaderContent("Lobby", RoomKind.PUBLIC, "Welcome, Ann!"),
        "private": HeaderContent("Cellar", RoomKind.PRIVATE, ""),
        "direct": HeaderContent("Bob Marley-Smith", RoomKind.DIRECT, ""),
        "thread": HeaderContent("Thread", RoomKind.THREAD, "in Lobby"),
        "long": HeaderContent(corpus.ATTIC.title, RoomKind.PUBLIC, "about " * 30),
    }
    for way, client_of in WAYS.items():
        for language, say in LANGUAGES.items():
            for phone in (False, True):
                client = client_of().opens()
                kind = f"header/{language}/{way}/{'phone' if phone else 'wide'}"
                header = Header(say, perform=nothing)
                header.fit(phone)
                client.shows(header)
                for name, seen in signs.items():
                    header.show(seen, _wire(client))
                    into.keep(f"{kind}/{name}", client)
                header.show_online(corpus.CROWDED, _wire(client))
                into.keep(f"{kind}/who is here", client)


# Ordinary controls.


class Page:
    """One page on which Flet draws controls."""

    def __init__(self, into: Drawings, kind: str) -> None:
        self._into = into
        self._kind = kind

    def control(self, name: str, control: ft.Control) -> None:
        """Draw a control."""
        client = Client().opens()
        client.page.controls = [control]
        client.page.update()
        self._into.keep(f"{self._kind}/{name}", client)

    def dialog(self, name: str, dialog: ft.DialogControl) -> Client:
        """Draw a dialog; returns its client."""
        client = Client().opens()
        client.page.show_dialog(dialog)
        self._into.keep(f"{self._kind}/{name}", client)
        return client

    def goes_on(self, name: str, client: Client) -> None:
        """Draw the changes since the last drawing."""
        self._into.keep(f"{self._kind}/{name}", client)


def draw_looks(into: Drawings) -> None:
    """Draw the page itself: its title, fonts, themes and locale."""
    choices = {
        "chosen nothing": Preferences(),
        "dark": Preferences(Theme.DARK, SeedColour.ROSE, Density.COMPACT),
        "light": Preferences(Theme.LIGHT, SeedColour.TEAL),
    }
    for language, say in LANGUAGES.items():
        for name, choice in choices.items():
            client = Client().opens()
            theme.setup_page(client.page, "Flet Chat", "/v1/")
            theme.apply_preferences(client.page, choice, say)
            client.page.update()
            theme.load_formula_fonts(client.page, "/v1/")
            into.keep_screen(f"page/{language}/{name}", client)


async def draw_dialogs(into: Drawings, house: Workspace) -> None:
    """Draw each dialog, the completion list and the hover toolbar, in each language."""
    for language, say in LANGUAGES.items():
        clock = ViewerContext(UTC if say is ENGLISH else ZoneInfo("Asia/Shanghai"), say)
        page = Page(into, f"dialog/{language}")
        _draw_entrance(page, say)
        _draw_message_dialogs(page, clock)
        _draw_room_dialogs(page, clock)
        _draw_lists(page, clock)
        _draw_choices(page, say)
        await _draw_files(page, clock, house)
        await _draw_pickers(page, say)
        await _draw_search(page, clock)
        page = Page(into, f"parts/{language}")
        _draw_parts(page, clock)
        _draw_suggestions(page, clock)
        await _draw_hover(page, say)


def _draw_entrance(page: Page, say: Language) -> None:
    page.control("start", WelcomeScreen("Flet Chat", say, on_start=closes))
    page.dialog("name", NameDialog("Flet Chat", say, sign_in=nothing))
    refused = BadName("Name cannot be blank!")
    page.dialog(
        "name, refused", NameDialog("Flet Chat", say, sign_in=nothing, name=" ", error=refused)
    )
    taken = NameTaken("Ann", "Ann 2")
    page.dialog("name, taken", NameDialog("聊天", say, sign_in=nothing, name="Ann", error=taken))


def _draw_message_dialogs(page: Page, clock: ViewerContext) -> None:
    said = corpus.talk()
    actions = [
        MenuItem(ft.Icons.REPLY_ROUNDED, clock.t("Reply"), nothing),
        MenuItem(ft.Icons.HOW_TO_VOTE_OUTLINED, clock.t("Who voted"), nothing, opens_dialog=True),
        MenuItem(
            ft.Icons.DELETE_OUTLINE_ROUNDED, clock.t("Delete"), nothing, needs_confirmation=True
        ),
    ]
    earlier = [Revision("first", before(days=2)), Revision("**second**", before(hours=5))]
    react = ReactionActions(EmojiPreferences(("🚀", "👋"), 3), nothing, nothing)
    for name in ("emphasis", "long", "files", "a picture", "pictures", "deed", "right to left"):
        message = said[name]
        menu = MessageMenu(message, [], clock, items=actions, reaction_actions=react)
        page.dialog(f"message, {name}", menu)
    edited = said["own and edited"]
    menu = MessageMenu(edited, earlier, clock, items=actions, reaction_actions=None)
    page.dialog("message, edited", menu)
    page.dialog("voters", VotersDialog(said["a poll"], clock.t))
    page.dialog("voters, many", VotersDialog(said["a poll of many"], clock.t))
    address = "https://evil.example.org/%20path?to=good.org#\u202ex"
    page.dialog("link", LinkWarningDialog(address, clock.t))


def _draw_room_dialogs(page: Page, clock: ViewerContext) -> None:
    say = clock.t
    for name, rooms in (("rooms", corpus.ROOMS[:5]), ("rooms, none", ())):
        page.dialog(name, RoomBrowserDialog(rooms, say, open_room=nothing, create=nothing))
    everything, least = RoomPermissions(*[True] * 7), RoomPermissions()
    for name, room, heed, members, permissions in (
        ("public", corpus.GARDEN, NotificationLevel.ALL, corpus.PEOPLE, everything),
        (
            "archived",
            corpus.ATTIC,
            NotificationLevel.NOTHING,
            (*corpus.PEOPLE, *corpus.CROWD),
            everything,
        ),
        ("least", corpus.KITCHEN, NotificationLevel.MENTIONS, (), least),
    ):
        details = RoomDetailsDialog(
            room,
            Membership(room, 0, heed),
            members=members,
            permissions=permissions,
            perform=nothing,
            viewer=clock,
        )
        page.dialog(f"room, {name}", details)
    reachable = SiteInfo("Flet Chat", "http://192.168.1.5:8550/", True)
    page.dialog("invite", InviteDialog(reachable, say))
    page.dialog("invite, alone", InviteDialog(replace(reachable, reachable=False), say))


def _draw_lists(page: Page, clock: ViewerContext) -> None:
    said, say = corpus.talk(), clock.t
    rooms = (corpus.GARDEN, corpus.PAIR, corpus.THREAD)
    entries = [
        MessageEntry(
            message,
            location_label(room, say),
            f"/room/{room.slug}/{message.number}",
            to_plain_text(emote_text(message.author.name, message_preview(message))),
            ((0, 2), (3, 4)),
        )
        for room in rooms
        for message in (said["emphasis"], said["a picture"], said["files"], said["deed"])
    ]
    for name, listed in (("found", entries), ("found, none", [])):
        dialog = MessageListDialog("Mentions", listed, "none", viewer=clock, navigate=nothing)
        page.dialog(name, dialog)

    def mark(icon: ft.IconData) -> Callable[[], ft.Control]:
        return lambda: ft.Icon(icon)

    goals = [
        Target(seat.title, say("room"), mark(ROOM_ICONS[seat.room.kind]), nothing, seat.badge_count)
        for seat in corpus.SEATS
    ]
    goals += [Target(each.name, say("person"), mark(ft.Icons.TAG), nothing, 3, True) for each in
              corpus.PEOPLE]  # fmt: skip
    jump = QuickSwitcherDialog(goals, say, on_dismiss=closes)
    client = page.dialog("jump", jump)
    jump.move_selection(2)
    page.goes_on("jump, chosen", client)
    nowhere = QuickSwitcherDialog([], say, on_dismiss=closes)
    nowhere.add_targets([])
    page.dialog("jump, nowhere", nowhere)


def _draw_choices(page: Page, say: Language) -> None:
    acts = PreferenceActions(nothing, closes, closes)
    chosen = PreferencesDialog(Preferences(), acts, say)
    client = page.dialog("preferences", chosen)
    chosen.show(
        Preferences(Theme.DARK, SeedColour.AMBER, Density.COMPACT, SendKey.CTRL_ENTER, CHINESE.tag)
    )
    page.goes_on("preferences, chosen", client)
    for key in SendKey:
        page.dialog(f"shortcuts, {key.value}", ShortcutsDialog(key, say))
    page.dialog("help", CommandsDialog(say))


async def _draw_files(page: Page, clock: ViewerContext, house: Workspace) -> None:
    owner = ft.Container()
    carrying = FileTransfer(owner, image_url=clock.image_url)
    for person in (corpus.ANN, corpus.BOB):
        portrait = AvatarDialog(house, person, clock, file_transfer=carrying)
        page.dialog(f"portrait, {person.name}", portrait)
    lobby = await house.rooms.by_slug((await house.all_people())[0], "lobby")
    first = (await house.all_people())[0]
    roll = PictureSequence(lobby, first, corpus.talk()["pictures"], file_index=1)
    gallery = Gallery(roll, clock, save=nothing)
    client = page.dialog("gallery", gallery)
    await gallery.update_arrows()
    page.goes_on("gallery, with others", client)


async def _draw_pickers(page: Page, say: Language) -> None:
    for tone, recent in ((0, ()), (4, ("👋", "🚀"))):
        taste = EmojiPreferences(recent, tone)
        for way, client_of in WAYS.items():
            client = client_of().opens()
            wire = _wire(client)

            def now(taste: EmojiPreferences = taste) -> EmojiPreferences:
                return taste

            def on(wire: ClientConnection | None = wire) -> ClientConnection | None:
                return wire

            dialog = EmojiPickerDialog(
                say, get_preferences=now, set_tone=nothing, on_pick=nothing, get_connection=on
            )
            client.page.show_dialog(dialog)
            page.goes_on(f"picker, tone {tone}, {way}", client)
            for group in (0, 1, 6) if wire else (6,):
                await dialog.show_group(group)
                page.goes_on(f"picker, tone {tone}, {way}, group {group}", client)


async def _draw_search(page: Page, clock: ViewerContext) -> None:
    said, asked = corpus.talk(), list[str]()

    async def search(text: str, last: int | None) -> tuple[Query, tuple[SearchHit, ...]]:
        asked.append(text)
        found = [
            SearchHit(n, corpus.GARDEN, said[name]) for n, name in enumerate(("long", "files"))
        ]
        return parse_query(text, clock.time_zone), tuple(found if text == "line" else ())

    def entry(found: SearchHit, text: str, marks: tuple[tuple[int, int], ...]) -> MessageEntry:
        return MessageEntry(
            found.message, location_label(found.room, clock.t), "/room/x", text, marks
        )

    dialog = SearchDialog(clock, search=search, build_entry=entry, navigate=nothing)
    client = page.dialog("search", dialog)
    for text in ("line", "nowhere"):
        field = next(each for each in _all(client.screen) if each.get("_c") == "TextField")
        client.session.apply_patch(field["_i"], {"value": text})
        await client.session.dispatch_event(field["_i"], "change", text)
        await wait_until(lambda: client.frames, interval=0.005)
        page.goes_on(f"search, {text}", client)
    assert asked == ["line", "nowhere"]


def _draw_parts(page: Page, clock: ViewerContext) -> None:
    say, said = clock.t, corpus.talk()
    for name, typing in corpus.TYPING.items():
        line = TypingLine()
        client = Client().opens().shows(line)
        line.show(typing, corpus.ANN, say)
        if client.frames:
            page.goes_on(f"typing, {name}", client)
    over = ft.Stack()
    client = Client().opens().shows(over)
    pills = JumpButtons(over, say, jump_down=nothing, jump_up=nothing)
    steps: dict[str, Callable[[], object]] = {
        "one": lambda: pills.show_below(1, is_far=False),
        "three": lambda: pills.show_below(3, is_far=False),
        "far": lambda: pills.show_below(0, is_far=True),
        "at the end": lambda: pills.show_below(0, is_far=False),
        "one above": lambda: pills.show_above(1),
        "nine above": lambda: pills.show_above(9),
        "many above": lambda: pills.show_above(100),
        "none above": lambda: pills.show_above(0),
    }
    for name, step in steps.items():
        step()
        page.goes_on(f"pills, {name}", client)
    aim = ContextBar(say, on_cancel=closes)
    client = Client().opens().shows(aim)
    aim.show(ft.Icons.EDIT_OUTLINED, say("Editing your message"))
    page.goes_on("aim, editing", client)
    picture = file_thumbnail(corpus.WIDE, clock.image_url, say, 24)
    aim.show(ft.Icons.REPLY_ROUNDED, message_preview(said["a picture"]), picture)
    page.goes_on("aim, a picture", client)
    aim.show(None, "")
    page.goes_on("aim, nothing", client)
    tray = UploadTray(say, image_url=clock.image_url, remove=closes_item)
    client = Client().opens().shows(tray)
    tray.show(_items(), say("Your message is sent as soon as the files are here."))
    page.goes_on("tray", client)
    tray.show([], "")
    page.goes_on("tray, empty", client)


def closes_item(item: PendingFile) -> None:
    """A placeholder for the function that removes a file from the tray."""


def _items() -> list[PendingFile]:
    def upload(name: str, state: UploadState, received: int) -> Upload:
        return Upload(1, 1, name, 1000, state=state, received=received, id="id", token="token")

    ready = upload("hill.jpg", UploadState.READY, 1000)
    ready.attachment = corpus.WIDE
    noted = upload("film.mkv", UploadState.READY, 1000)
    noted.attachment, noted.warning = corpus.FILES[4], ChatError("It is only a file.")
    return [
        PendingFile(1, "waiting.pdf", 1000),
        PendingFile(2, "half.zip", 1000, upload("half.zip", UploadState.RECEIVING, 500)),
        PendingFile(3, "all.txt", 1000, upload("all.txt", UploadState.PREPARING, 1000)),
        PendingFile(4, "hill.jpg", 1000, ready),
        PendingFile(5, "film.mkv", 1000, noted),
        PendingFile(6, "folder", -1, None, "A folder cannot be sent."),
    ]


def _draw_suggestions(page: Page, clock: ViewerContext) -> None:
    whom = MentionCandidates(corpus.PEOPLE, (corpus.MEI.id,), frozenset({corpus.BOB.id}))
    near = CommandCandidates(whom, corpus.ROOMS[:5])
    sources: list[CompletionProvider] = [
        command_completions(lambda: near, closes, clock),
        mention_completions(lambda: whom, clock),
        shortcode_completions(lambda: EmojiPreferences(("🚀",), 2)),
    ]
    offered = CompletionPopup(sources, on_accept=lambda *_: None, capture_keys=lambda on: None)
    client = Client().opens().shows(offered)
    words = ["@", "hello @bo", ":ha", ":rocket", "/", "/in", *(f"/{each} " for each in COMMANDS)]
    words += ["/dm b", "/invite an", "/join g", "/poll x"]
    for each in words:
        offered.refresh(each)
        if client.frames:
            page.goes_on(f"suggestions, {each.replace('/', 'slash ')}", client)
    offered.refresh("/")
    for key in ("down", "down", "down", "down", "down", "down", "up"):
        if (press := offered.key_handler(key)) is not None:
            press()
    page.goes_on("suggestions, keys", client)
    offered.close()
    page.goes_on("suggestions, closed", client)


async def _draw_hover(page: Page, say: Language) -> None:
    over = ft.Stack()
    client = Client().opens().shows(over)
    bar = HoverToolbar(over, {say("React"): (ft.Icons.ADD_REACTION_OUTLINED, nothing),
                       say("More"): (ft.Icons.MORE_HORIZ_ROUNDED, nothing)})  # fmt: skip
    for edge in (0.0, 120.5):
        bar.show_soon(round(edge) + 1, edge)
        await wait_until(lambda: client.frames, interval=0.005)
        page.goes_on(f"hover, {edge}", client)
    bar.hide()
    page.goes_on("hover, gone", client)


def _all(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in _all(each)]
    if not isinstance(value, dict):
        return []
    return [value, *(found for each in value.values() for found in _all(each))]


async def draw_all(folder: Path) -> Drawings:
    """Draw everything. The clock has to be frozen already."""
    into = Drawings()
    draw_rows(into)
    draw_timelines(into)
    draw_sides(into)
    draw_headers(into)
    draw_looks(into)
    await draw_screens(into, folder)
    house = await Workspace.open(await create_empty_database(folder), lambda topic, event: None)
    try:
        await sign_in(house, "Ann")
        await draw_dialogs(into, house)
    finally:
        await house.close()
    return into
