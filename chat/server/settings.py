"""The settings, read once: each has a flag and a `CHAT_…` name in the environment.

No other file reads the environment.
"""

import ipaddress
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints
from urllib.parse import urlsplit

from platformdirs import user_data_path

from chat.errors import CannotStart
from chat.model.joining import JoinPolicy
from chat.model.moderation import Role
from chat.outgoing.addresses import AllowedHosts

_DEFAULT_PORTS = {"http": 80, "https": 443}
_WEEK = 7 * 24 * 3600

# Characters of the token of `--metrics-token-file`.
MIN_TOKEN_LENGTH = 20

# A part of the path below which the chat is served.
_PATH_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The maximum of each number; the minimum is 1. A picture with more pixels would need more memory
# than the thumbnail process has.
_MAXIMUMS = {
    "file_limit": 2048,
    "picture_limit": 64,
    "files_an_hour": 100_000,
    "files_a_person": 1024 * 1024,
    "files_a_message": 20,
    "sockets_an_address": 10_000,
    "audit_days": 3650,
    "name_days": 3650,
    "new_people": 1000,
    "files_an_address": 1024 * 1024,
    "files_in_all": 1024 * 1024,
    "free_disk": 1024**3,
    "posts_at_once": 1_000_000,
    "posts_a_minute": 1_000_000,
    "program_posts_a_minute": 1_000_000,
    "address_posts_a_minute": 1_000_000,
    "all_posts_a_minute": 1_000_000,
    "rooms_an_hour": 1_000_000,
    "conversations_an_hour": 1_000_000,
}

_DEFAULT_DATA_FOLDER = user_data_path("flet-chat", appauthor=False)


@dataclass(frozen=True, slots=True)
class SettingHelp:
    """The help of a setting: one sentence, and the name of its value ("" for a switch).

    A `repeatable` flag may be given several times; commas separate its values.
    """

    text: str
    metavar: str = ""
    repeatable: bool = False


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings: each is a flag (`--lan`) and an environment variable (`CHAT_LAN`)."""

    web: Annotated[bool, SettingHelp("serve the browser only; with a screen, open a tab")] = False
    window: Annotated[bool, SettingHelp("open the desktop window even if no screen was found")] = (
        False
    )
    host: Annotated[str, SettingHelp("the address to listen on", "ADDRESS")] = "127.0.0.1"
    lan: Annotated[
        bool, SettingHelp("let others on your network in; print the address and its QR code")
    ] = False
    port: Annotated[int, SettingHelp("the port to listen on, 0 for any free one", "PORT")] = 8550
    data: Annotated[
        Path, SettingHelp("the folder that holds chat.db; by default the platform's own", "DIR")
    ] = _DEFAULT_DATA_FOLDER
    database: Annotated[
        str,
        SettingHelp(
            "the PostgreSQL database of the chat in place of chat.db, as postgresql://USER@HOST/NAME",
            "URL",
        ),
    ] = ""
    title: Annotated[str, SettingHelp("the name of this chat", "NAME")] = "Flet Chat"
    no_browser: Annotated[bool, SettingHelp("do not open a browser tab")] = False
    origin: Annotated[
        str,
        SettingHelp(
            "another address that the chat is opened at, as behind a proxy; may be given again",
            "URL",
            repeatable=True,
        ),
    ] = ""
    base_path: Annotated[
        str,
        SettingHelp("the path that the chat is served below, behind a proxy, as /team", "PATH"),
    ] = ""
    proxy: Annotated[
        str,
        SettingHelp(
            "a proxy, or a network of proxies, whose X-Forwarded headers count; may be given again",
            "ADDRESS",
            repeatable=True,
        ),
    ] = ""
    session_timeout: Annotated[
        int,
        SettingHelp("how long a closed tab may come back to where it was, in seconds", "SECONDS"),
    ] = 600
    file_limit: Annotated[int, SettingHelp("the largest file that may be sent, in MiB", "MIB")] = 25
    picture_limit: Annotated[
        int, SettingHelp("the largest picture that is shown, in megapixels", "MEGAPIXELS")
    ] = 24
    files_an_hour: Annotated[
        int, SettingHelp("how many files a person may send within an hour", "COUNT")
    ] = 50
    files_a_person: Annotated[
        int, SettingHelp("how much all files of a person may take, in MiB", "MIB")
    ] = 1024
    files_a_message: Annotated[int, SettingHelp("how many files fit in one message", "COUNT")] = 10
    files_an_address: Annotated[
        int,
        SettingHelp("how much may be sent within a day from one network address, in MiB", "MIB"),
    ] = 4096
    files_in_all: Annotated[
        int, SettingHelp("how much all files of the chat may take, in MiB", "MIB")
    ] = 20480
    free_disk: Annotated[
        int, SettingHelp("with less free disk than this, nothing is posted or sent, in MiB", "MIB")
    ] = 200
    tls: Annotated[
        bool,
        SettingHelp("encrypt with a certificate of the chat's own, which devices trust once"),
    ] = False
    sockets_an_address: Annotated[
        int,
        SettingHelp(
            "how many pages may be open at one address; more for many people behind one router",
            "COUNT",
        ),
    ] = 64
    hook_addresses: Annotated[
        str,
        SettingHelp(
            "a host or network that webhooks may send to although it is not in the internet; may "
            "be given again",
            "HOST",
            repeatable=True,
        ),
    ] = ""
    join: Annotated[
        str,
        SettingHelp(
            "whom the chat lets in: open is everybody, invite is who has an invitation, approve "
            "lets moderators answer; by default invite with an --origin of the internet, else open",
            "DOOR",
        ),
    ] = ""
    name_days: Annotated[
        int,
        SettingHelp(
            "how many days a name stays with a person who is not seen, before others may take it",
            "DAYS",
        ),
    ] = 30
    new_people: Annotated[
        int,
        SettingHelp(
            "how many new people may come in from one network address within a minute", "COUNT"
        ),
    ] = 5
    posts_at_once: Annotated[
        int, SettingHelp("how many messages a person may send one after the other", "COUNT")
    ] = 10
    posts_a_minute: Annotated[
        int, SettingHelp("how many messages a person may send within a minute for long", "COUNT")
    ] = 60
    program_posts_a_minute: Annotated[
        int,
        SettingHelp(
            "how many messages a bot or a webhook may send within a minute for long",
            "COUNT",
        ),
    ] = 60
    address_posts_a_minute: Annotated[
        int,
        SettingHelp(
            "how many messages all people at one network address may send within a minute", "COUNT"
        ),
    ] = 1200
    all_posts_a_minute: Annotated[
        int, SettingHelp("how many messages everybody may send together within a minute", "COUNT")
    ] = 6000
    rooms_an_hour: Annotated[
        int, SettingHelp("how many rooms a person may make within an hour", "COUNT")
    ] = 10
    conversations_an_hour: Annotated[
        int, SettingHelp("how many direct conversations a person may begin within an hour", "COUNT")
    ] = 20
    socketio: Annotated[
        bool, SettingHelp("let pages and programs take part by Socket.IO, at /socket.io")
    ] = False

    oidc_issuer: Annotated[
        str,
        SettingHelp("the OpenID provider with whose accounts people may sign in", "URL"),
    ] = ""
    oidc_client_id: Annotated[
        str, SettingHelp("what the OpenID provider calls this chat", "ID")
    ] = ""
    oidc_secret_file: Annotated[
        str,
        SettingHelp(
            "a file with the secret of this chat at the provider, unless CHAT_OIDC_SECRET has it",
            "FILE",
        ),
    ] = ""
    oidc_groups: Annotated[
        str,
        SettingHelp(
            "a role, and the group of the provider that gives it, as moderator=staff; may be given "
            "again",
            "GROUP",
            repeatable=True,
        ),
    ] = ""

    metrics_token_file: Annotated[
        str,
        SettingHelp(
            "a file with the token that /metrics needs from another computer and behind a proxy",
            "FILE",
        ),
    ] = ""
    audit_days: Annotated[
        int, SettingHelp("how long the audit log keeps an act of a moderator, in days", "DAYS")
    ] = 365
    bots: Annotated[
        str, SettingHelp("a folder whose files are bots, which run beside the chat", "DIR")
    ] = ""

    def __post_init__(self) -> None:
        try:
            # Shells leave the ~ of `--data=~/chat` as it is.
            object.__setattr__(self, "data", self.data.expanduser())
        except RuntimeError:
            raise CannotStart(
                f"This user has no home folder for {self.data}. Choose a data folder with --data."
            ) from None
        if not 0 <= self.port <= 65535:
            raise CannotStart(f"{self.port} is not a port. Choose one from 0 to 65535.")
        if not self.title.strip() or len(self.title) > 60 or not self.title.isprintable():
            raise CannotStart("The title needs 1 to 60 characters that can be shown.")
        if self.web and self.window:
            raise CannotStart("Choose either --web or --window.")
        if not 1 <= self.session_timeout <= _WEEK:
            raise CannotStart(f"--session-timeout takes 1 to {_WEEK} seconds.")
        for name, maximum in _MAXIMUMS.items():
            if not 1 <= getattr(self, name) <= maximum:
                raise CannotStart(f"--{name.replace('_', '-')} takes 1 to {maximum}.")
        object.__setattr__(self, "base_path", _normalize_base_path(self.base_path))
        _ = self.origins, self.allowed_hook_hosts, self.proxies, self.join_policy
        _check_provider(self.oidc_issuer, self.oidc_client_id)
        _ = self.provider_groups

    @property
    def origins(self) -> frozenset[str]:
        """The values of `origin`, as browsers write them."""
        return frozenset(_normalize_origin(each) for each in self.origin.split(",") if each.strip())

    @property
    def has_public_origin(self) -> bool:
        """Whether the chat is opened at an address that may be of the internet."""
        return any(not is_local_host(urlsplit(each).hostname or "") for each in self.origins)

    @property
    def join_policy(self) -> JoinPolicy:
        """The value of `join`. Raises CannotStart."""
        if not self.join:
            return JoinPolicy.INVITE if self.has_public_origin else JoinPolicy.OPEN
        try:
            return JoinPolicy(self.join.strip().lower())
        except ValueError:
            choices = ", ".join(JoinPolicy)
            raise CannotStart(f"--join is one of {choices}, and not “{self.join}”.") from None

    @property
    def bots_folder(self) -> Path | None:
        """The folder of bot files, None without one."""
        return Path(self.bots).expanduser() if self.bots else None

    @property
    def allowed_hook_hosts(self) -> AllowedHosts:
        """The values of `hook_addresses`."""
        try:
            return AllowedHosts.parse(e for e in self.hook_addresses.split(",") if e.strip())
        except ValueError as bad:
            raise CannotStart(
                f"“{bad}” is no host and no network. Write it as grafana.internal, 10.0.0.5 or "
                "10.0.0.0/8."
            ) from None

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The values of `proxy`; an address is a network of one."""
        return tuple(_parse_network(each) for each in self.proxy.split(",") if each.strip())

    @property
    def provider_groups(self) -> dict[Role, str]:
        """The values of `oidc_groups`: the group of the provider that gives a role."""
        groups = {}
        for each in filter(str.strip, self.oidc_groups.split(",")):
            role, _, group = (part.strip() for part in each.partition("="))
            if role not in {Role.OWNER, Role.MODERATOR} or not group:
                raise CannotStart(
                    f"“{each.strip()}” gives no role. Write it as owner=admins or moderator=staff."
                )
            groups[Role(role)] = group
        return groups

    @property
    def bind_host(self) -> str:
        """The address to bind. With `lan` it is every address, unless `host` is set."""
        return "0.0.0.0" if self.lan and self.host == "127.0.0.1" else self.host


# Names that no registry assigns: they have a meaning in a local network only.
_LOCAL_SUFFIXES = (".local", ".lan", ".home.arpa", ".internal", ".localhost", ".test")


def is_local_host(host: str) -> bool:
    """Whether a host is of this computer or of a local network, by its name or address."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_SUFFIXES)
    return not address.is_global


def _normalize_origin(raw: str) -> str:
    """`HTTPS://Bücher.example:443/` is `https://xn--bcher-kva.example`. Raises CannotStart."""
    try:
        parts = urlsplit(raw.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        host, port = "", None
    if (
        not host
        or parts.scheme not in _DEFAULT_PORTS
        or "@" in parts.netloc
        or parts.path not in {"", "/"}
    ):
        raise CannotStart(f"“{raw}” is no address of a page. Write it as https://chat.example.org.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (
        f":{port}" if port not in {None, _DEFAULT_PORTS[parts.scheme]} else ""
    )


def _parse_network(raw: str) -> Network:
    try:
        return ipaddress.ip_network(raw.strip(), strict=False)
    except ValueError:
        raise CannotStart(
            f"“{raw}” is no address of a proxy. Write it as 127.0.0.1 or 10.0.0.0/8."
        ) from None


def _check_provider(issuer: str, client_id: str) -> None:
    """Raises CannotStart for a provider that cannot be asked, or not safely."""
    if bool(issuer) != bool(client_id):
        raise CannotStart("--oidc-issuer and --oidc-client-id belong together. Give both.")
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    is_here = parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}
    is_safe = parts.scheme == "https" and bool(host)
    if issuer and (not (is_safe or is_here) or parts.query or parts.fragment):
        raise CannotStart(
            f"“{issuer}” is no issuer. Write it as the provider does: https://accounts.example.org."
        )


def provider_secret(settings: "Settings", environ: Mapping[str, str] = os.environ) -> str:
    """The secret of the chat at the OpenID provider. Raises CannotStart."""
    if secret := environ.get("CHAT_OIDC_SECRET", "").strip():
        return secret
    if settings.oidc_secret_file:
        path = Path(settings.oidc_secret_file).expanduser()
        try:
            secret = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise CannotStart(f"{path} cannot be read. It has to hold the secret alone.") from None
    if not secret:
        raise CannotStart(
            "--oidc-issuer needs the secret of the chat at the provider. Put it in the variable "
            "CHAT_OIDC_SECRET, or into a file that --oidc-secret-file names."
        )
    return secret


def metrics_token(settings: "Settings") -> str:
    """The token that reads the metrics; "" without one. Raises CannotStart."""
    if not settings.metrics_token_file:
        return ""
    path = Path(settings.metrics_token_file).expanduser()
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise CannotStart(f"{path} cannot be read. It has to hold the token alone.") from None
    if len(token) < MIN_TOKEN_LENGTH or not token.isascii() or not token.isprintable():
        raise CannotStart(
            f"The token in {path} can be guessed. Make one of {MIN_TOKEN_LENGTH} letters or more: "
            "python -c 'import secrets; print(secrets.token_urlsafe())'"
        )
    return token


# The first parts of the chat's own paths: with a proxy that removes the prefix, nobody could tell
# such a prefix from these.
_OWN_PATHS = {
    "account",
    "api",
    "assets",
    "avatars",
    "canvaskit",
    "crop",
    "device",
    "dm",
    "files",
    "fonts",
    "hooks",
}
_OWN_PATHS |= {
    "icons",
    "join",
    "light",
    "metrics",
    "pass",
    "pictures",
    "room",
    "socket.io",
    "trust",
    "upload",
    "ws",
}


def _normalize_base_path(raw: str) -> str:
    """`team/` is `/team`, and `/` is "". Raises CannotStart."""
    parts = raw.strip().strip("/").split("/")
    if parts == [""]:
        return ""
    if not all(map(_PATH_PART.fullmatch, parts)) or len(raw) > 100:
        raise CannotStart(f"“{raw}” is no path for --base-path. Write it as /team.")
    if parts[0] in _OWN_PATHS:
        raise CannotStart(f"The chat has paths of its own below /{parts[0]}. Choose another one.")
    return "/" + "/".join(parts)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its type and its help."""

    name: str
    value_type: type
    help_info: SettingHelp

    @property
    def env(self) -> str:
        """`no_browser` is `CHAT_NO_BROWSER` in the environment."""
        return f"CHAT_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """`no_browser` is `--no-browser` on the command line."""
        return f"--{self.name.replace('_', '-')}"


def all_settings() -> tuple[Setting, ...]:
    """Every setting, in the order of the help."""
    hints = get_type_hints(Settings, include_extras=True)
    return tuple(Setting(name, *get_args(hint)) for name, hint in hints.items())


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The settings from the `CHAT_…` variables that are not empty.

    Raises CannotStart for a value that cannot be read as a value of its setting.
    """
    return {
        each.name: _parse_value(each, environ[each.env])
        for each in all_settings()
        if environ.get(each.env)
    }


def _parse_value(setting: Setting, raw: str) -> Any:
    if setting.value_type is bool:
        return _parse_bool(setting, raw)
    if setting.value_type is int and not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise CannotStart(f"{setting.env} is “{raw}”; it takes a number.")
    return setting.value_type(raw)


def _parse_bool(setting: Setting, raw: str) -> bool:
    word = raw.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise CannotStart(f"{setting.env} is “{raw}”; it takes 1 or 0.")


# Flet reads them at every connection, and prefers them to its arguments.
_FLET_VARIABLES = ("FLET_SESSION_TIMEOUT", "FLET_OAUTH_STATE_TIMEOUT")


def clear_flet_environment(environ: MutableMapping[str, str] = os.environ) -> None:
    """Remove the variables that Flet would prefer to these settings."""
    for name in _FLET_VARIABLES:
        environ.pop(name, None)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The environment: whether there is a screen and a bundled window client, and the parameters of
    `flet run`."""

    has_screen: bool
    has_bundled_client: bool = False
    flet_run_prefix: str | None = None
    flet_run_web: bool = False
    flet_run_host: str | None = None
    flet_run_port: int | None = None


def detect_environment(environ: Mapping[str, str] = os.environ) -> Environment:
    """Detect the environment of this process.

    `flet run` starts the script with `FLET_DISPLAY_URL_PREFIX`, waits for a line that begins
    with it, and opens the window or the tab itself.
    """
    has_display = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    port = environ.get("FLET_SERVER_PORT", "")
    return Environment(
        has_bundled_client=bool(environ.get("FLET_VIEW_PATH")),
        has_screen=has_display or sys.platform in {"win32", "darwin"},
        flet_run_prefix=environ.get("FLET_DISPLAY_URL_PREFIX"),
        flet_run_web=environ.get("FLET_FORCE_WEB_SERVER", "").lower() in {"1", "true"},
        flet_run_host=environ.get("FLET_SERVER_IP") or None,
        flet_run_port=int(port) if port.isdecimal() and port.isascii() else None,
    )
