"""The dialogs of one's own bots: all of them, and one with its tokens."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias
from urllib.parse import quote

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.people import Person, PersonId
from chat.model.programs import ApiToken, BotFileState, FileState, Scope
from chat.model.rooms import RoomInfo
from chat.model.site import SiteInfo
from chat.ui.programs.program_dialog import (
    CopyBox,
    NameForm,
    ProgramDialog,
    destructive_button,
    explanation,
    only_here,
    program_item,
    program_list,
)
from chat.ui.theme import widgets
from chat.ui.theme.dialog import section
from chat.ui.theme.theme import MONO_FONT
from chat.ui.viewer import ViewerContext

SCOPE_NAMES = {
    Scope.READ: gettext_noop("read"),
    Scope.WRITE: gettext_noop("write"),
    Scope.REACT: gettext_noop("react"),
    Scope.MANAGE: gettext_noop("manage"),
}

FILE_STATES = {
    FileState.RUNNING: gettext_noop("running"),
    FileState.PAUSED: gettext_noop("paused"),
    FileState.BROKEN: gettext_noop("does not load"),
}

# The lines of a reason that are shown.
_REASON_LINES = 12

_TOKEN_PADDING = ft.Padding.symmetric(vertical=4)


@dataclass(frozen=True, slots=True)
class CreateBot:
    """Make a bot of this name, and show it."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowBot:
    """Show one bot with its tokens."""

    bot: Person


@dataclass(frozen=True, slots=True)
class ShowBots:
    """Return to the list."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """Return to the settings."""


@dataclass(frozen=True, slots=True)
class DeleteBot:
    """Delete a bot, after a question."""

    bot: Person


@dataclass(frozen=True, slots=True)
class StartBot:
    """Start the file of a bot again, which is paused."""

    bot: Person


@dataclass(frozen=True, slots=True)
class BotFiles:
    """The files of bots, by the id of the bot; and those without a bot, which do not load."""

    by_bot: Mapping[PersonId, BotFileState]
    without_bot: Sequence[BotFileState]


@dataclass(frozen=True, slots=True)
class BeginToken:
    """Choose what a new token of a bot may do."""

    bot: Person


@dataclass(frozen=True, slots=True)
class CreateToken:
    """Make a token, and show it. `rooms` are None for all, `days` None without an end."""

    bot: Person
    label: str
    scopes: frozenset[Scope]
    rooms: tuple[RoomInfo, ...] | None
    days: int | None


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Revoke a token of a bot, after a question."""

    token: ApiToken


BotRequest: TypeAlias = (
    CreateBot
    | ShowBot
    | ShowBots
    | ShowSettings
    | DeleteBot
    | StartBot
    | BeginToken
    | CreateToken
    | RevokeToken
)

PerformBotRequest: TypeAlias = Callable[[BotRequest], Awaitable[None]]


class BotListDialog(ProgramDialog):
    """The bots of a person, and a form for a new one. `perform(request)` may raise ChatError.

    `files` are those of `--bots`, for the owner of the chat. `hook_count` bots of webhooks are not
    among them.
    """

    def __init__(
        self,
        bots: Sequence[Person],
        hook_count: int,
        files: BotFiles,
        *,
        viewer: ViewerContext,
        page_width: float,
        perform: PerformBotRequest,
    ) -> None:
        t = viewer.t

        def build(bot: Person) -> ft.Control:
            file = files.by_bot.get(bot.id)
            detail = "" if file is None else f"{file.file}  ·  {t(FILE_STATES[file.state])}"
            show = partial(perform, ShowBot(bot))
            return program_item(bot.name, detail, viewer.avatar_url(bot), on_click=show)

        async def create(name: str) -> None:
            await perform(CreateBot(name))

        parts: list[ft.Control] = [
            explanation(
                t(
                    "A bot is a member of this chat as which a program writes, through the API, "
                    "with a token. It may do no more than you allow, and its messages say that it "
                    "is a bot."
                )
            ),
            program_list(bots, t("You have none yet."), build=build),
        ]
        if files.without_bot:
            broken = [file_part(each, t) for each in files.without_bot]
            parts.append(section(t("Files that do not load"), *broken))
        if hook_count:
            text = t.plural(
                "One webhook of yours is in the dialog of its room.",
                "{count} webhooks of yours are in the dialogs of their rooms.",
                hook_count,
            )
            parts.append(explanation(text))
        form = NameForm(t("Name of a new bot"), t("Make bot"), create=create, t=t)
        parts.append(section(t("New bot"), form))
        go_back = partial(perform, ShowSettings())
        super().__init__(t("Programs"), parts, t, page_width=page_width, go_back=go_back)


class BotDialog(ProgramDialog):
    """One bot, its file if it has one, and its tokens. `perform(request)` may raise ChatError."""

    def __init__(
        self,
        bot: Person,
        tokens: Sequence[ApiToken],
        file: BotFileState | None,
        *,
        viewer: ViewerContext,
        page_width: float,
        perform: PerformBotRequest,
    ) -> None:
        t = viewer.t
        lines: list[ft.Control] = [_token_line(each, viewer, perform) for each in tokens]
        if not lines:
            text = t("It has no token yet. A program needs one to write as this bot.")
            lines = [explanation(text)]
        make_button = ft.FilledButton(
            t("New token"), icon=ft.Icons.KEY_ROUNDED, on_click=partial(perform, BeginToken(bot))
        )
        parts = [
            *([] if file is None else [_file_section(bot, file, t, perform)]),
            section(t("Tokens"), *lines, ft.Row([make_button])),
            ft.Row([destructive_button(t("Delete bot"), partial(perform, DeleteBot(bot)))]),
        ]
        super().__init__(
            t("Bot {name}", name=bot.name),
            parts,
            t,
            page_width=page_width,
            go_back=partial(perform, ShowBots()),
        )


class SecretDialog(ProgramDialog):
    """A new token, which is shown this once."""

    def __init__(
        self,
        secret: str,
        request: CreateToken,
        site: SiteInfo,
        *,
        t: Language,
        page_width: float,
        perform: PerformBotRequest,
    ) -> None:
        text = t("Copy the token now: it is shown only this once. Whoever has it acts as this bot.")
        parts: list[ft.Control] = [
            explanation(text),
            CopyBox(t("Token"), secret, t),
            CopyBox(t("Try it in a terminal"), _curl_line(secret, request, site), t),
        ]
        if not site.reachable:
            parts.append(explanation(only_here(t)))
        super().__init__(
            t("Token of {name}", name=request.bot.name),
            parts,
            t,
            page_width=page_width,
            go_back=partial(perform, ShowBot(request.bot)),
        )


def file_part(file: BotFileState, t: Language) -> ft.Control:
    """A bot file: its name and state, and why it does not run."""
    name = ft.Text(file.file, size=14, weight=ft.FontWeight.W_600)
    is_bad = file.state is not FileState.RUNNING or bool(file.reason)
    color = ft.Colors.ERROR if is_bad else ft.Colors.ON_SURFACE_VARIANT
    state = t(FILE_STATES[file.state])
    if file.state is FileState.RUNNING and file.reason:
        state = t("running, in the version before: the one that was saved does not load")
    texts: list[ft.Control] = [name, ft.Text(state, size=13, color=color)]
    if file.reason:
        texts.append(_reason(file.reason))
    return widgets.own_node(ft.Column(texts, spacing=2, tight=True))


def _reason(reason: str) -> ft.Text:
    """A sentence, or the lines of an error. (With `max_lines` a text that can be selected takes the
    height of all of them.)"""
    lines = [each for each in reason.splitlines() if not each.startswith("```")]
    text = "\n".join(lines[-_REASON_LINES:])
    if len(lines) == 1 and "```" not in reason:
        return ft.Text(text.replace("`", ""), size=13, selectable=True)
    style = ft.TextStyle(font_family=MONO_FONT, size=12, height=1.4)
    return ft.Text(text, style=style, selectable=True)


def _file_section(
    bot: Person, file: BotFileState, t: Language, perform: PerformBotRequest
) -> ft.Control:
    parts: list[ft.Control] = [file_part(file, t)]
    if file.state is FileState.PAUSED:
        start = ft.FilledButton(
            t("Start"),
            icon=ft.Icons.PLAY_ARROW_ROUNDED,
            on_click=partial(perform, StartBot(bot)),
        )
        parts.append(ft.Row([start]))
    return section(t("File"), *parts)


def _token_line(token: ApiToken, viewer: ViewerContext, perform: PerformBotRequest) -> ft.Control:
    """Label, scopes, rooms, last use and end, and the button that revokes it."""
    t = viewer.t
    scopes = t.join(t(SCOPE_NAMES[each]) for each in Scope if each in token.scopes)
    rooms = t("all rooms")
    if token.rooms is not None:
        rooms = t.plural("one room", "{count} rooms", len(token.rooms))
    used = t("never used")
    if token.used_at is not None:
        used = t("last used: {when}", when=viewer.format_recent_time(token.used_at))
    is_expired = token.is_expired(datetime.now(UTC))
    end = t("does not expire")
    if token.expires_at is not None:
        day = viewer.format_day(token.expires_at)
        end = t("expired: {day}", day=day) if is_expired else t("expires: {day}", day=day)
    revoke = widgets.icon_button(
        ft.Icons.DELETE_OUTLINE_ROUNDED,
        t("Revoke {token}", token=token.label),
        on_click=partial(perform, RevokeToken(token)),
    )
    color = ft.Colors.ERROR if is_expired else ft.Colors.ON_SURFACE_VARIANT
    texts: list[ft.Control] = [
        ft.Text(token.label, size=14, weight=ft.FontWeight.W_600),
        widgets.secondary_text(f"{scopes}  ·  {rooms}", 13),
        ft.Text(f"{used}  ·  {end}", size=13, color=color),
    ]
    column = ft.Column(texts, spacing=0, tight=True, expand=True)
    return ft.Container(
        ft.Row([widgets.own_node(column), revoke], spacing=8), padding=_TOKEN_PADDING
    )


def _curl_line(secret: str, request: CreateToken, site: SiteInfo) -> str:
    """A request that the token allows."""
    api = f"{site.url.rstrip('/')}/api"
    curl = f"curl -H 'Authorization: Bearer {secret}'"
    if Scope.WRITE not in request.scopes:
        return f"{curl} {api}/me"
    slug = quote(request.rooms[0].slug) if request.rooms else "lobby"
    body = '{"text": "Hello from curl"}'
    header = "-H 'Content-Type: application/json'"
    return f"{curl} {header} -d '{body}' {api}/rooms/{slug}/messages"
