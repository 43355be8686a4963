"""Settings: each has a flag and an environment variable, and an invalid value is reported."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from chat import __version__
from chat.errors import CannotStart
from chat.model.joining import JoinPolicy
from chat.server.cli import flag_values, run, serve_command
from chat.server.settings import Settings, all_settings, detect_environment, from_environment

FLAGS_AND_VARIABLES = {
    "web": ("--web", "CHAT_WEB"),
    "window": ("--window", "CHAT_WINDOW"),
    "host": ("--host", "CHAT_HOST"),
    "lan": ("--lan", "CHAT_LAN"),
    "port": ("--port", "CHAT_PORT"),
    "data": ("--data", "CHAT_DATA"),
    "database": ("--database", "CHAT_DATABASE"),
    "title": ("--title", "CHAT_TITLE"),
    "no_browser": ("--no-browser", "CHAT_NO_BROWSER"),
    "origin": ("--origin", "CHAT_ORIGIN"),
    "base_path": ("--base-path", "CHAT_BASE_PATH"),
    "proxy": ("--proxy", "CHAT_PROXY"),
    "session_timeout": ("--session-timeout", "CHAT_SESSION_TIMEOUT"),
    "file_limit": ("--file-limit", "CHAT_FILE_LIMIT"),
    "picture_limit": ("--picture-limit", "CHAT_PICTURE_LIMIT"),
    "files_an_hour": ("--files-an-hour", "CHAT_FILES_AN_HOUR"),
    "files_a_person": ("--files-a-person", "CHAT_FILES_A_PERSON"),
    "files_a_message": ("--files-a-message", "CHAT_FILES_A_MESSAGE"),
    "files_an_address": ("--files-an-address", "CHAT_FILES_AN_ADDRESS"),
    "files_in_all": ("--files-in-all", "CHAT_FILES_IN_ALL"),
    "free_disk": ("--free-disk", "CHAT_FREE_DISK"),
    "tls": ("--tls", "CHAT_TLS"),
    "sockets_an_address": ("--sockets-an-address", "CHAT_SOCKETS_AN_ADDRESS"),
    "audit_days": ("--audit-days", "CHAT_AUDIT_DAYS"),
    "hook_addresses": ("--hook-addresses", "CHAT_HOOK_ADDRESSES"),
    "join": ("--join", "CHAT_JOIN"),
    "name_days": ("--name-days", "CHAT_NAME_DAYS"),
    "new_people": ("--new-people", "CHAT_NEW_PEOPLE"),
    "posts_at_once": ("--posts-at-once", "CHAT_POSTS_AT_ONCE"),
    "posts_a_minute": ("--posts-a-minute", "CHAT_POSTS_A_MINUTE"),
    "program_posts_a_minute": ("--program-posts-a-minute", "CHAT_PROGRAM_POSTS_A_MINUTE"),
    "address_posts_a_minute": ("--address-posts-a-minute", "CHAT_ADDRESS_POSTS_A_MINUTE"),
    "all_posts_a_minute": ("--all-posts-a-minute", "CHAT_ALL_POSTS_A_MINUTE"),
    "rooms_an_hour": ("--rooms-an-hour", "CHAT_ROOMS_AN_HOUR"),
    "conversations_an_hour": ("--conversations-an-hour", "CHAT_CONVERSATIONS_AN_HOUR"),
    "socketio": ("--socketio", "CHAT_SOCKETIO"),
    "oidc_issuer": ("--oidc-issuer", "CHAT_OIDC_ISSUER"),
    "oidc_client_id": ("--oidc-client-id", "CHAT_OIDC_CLIENT_ID"),
    "oidc_secret_file": ("--oidc-secret-file", "CHAT_OIDC_SECRET_FILE"),
    "oidc_groups": ("--oidc-groups", "CHAT_OIDC_GROUPS"),
    "metrics_token_file": ("--metrics-token-file", "CHAT_METRICS_TOKEN_FILE"),
    "bots": ("--bots", "CHAT_BOTS"),
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without settings, with wide help texts, and in which no chat can start."""
    monkeypatch.setitem(sys.modules, "chat.server.app", None)
    for _, env in FLAGS_AND_VARIABLES.values():
        monkeypatch.delenv(env, raising=False)
    monkeypatch.setenv("COLUMNS", "200")


def refusal_of(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The error output of a command that ends with exit code 2."""
    with pytest.raises(SystemExit) as exit_info:
        run(argv)
    assert exit_info.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    return output.err


def test_every_setting_has_a_flag_an_environment_variable_and_help() -> None:
    assert {s.name: (s.flag, s.env) for s in all_settings()} == FLAGS_AND_VARIABLES
    assert all(len(s.help_info.text) > 10 for s in all_settings())


def test_settings_have_the_documented_defaults() -> None:
    defaults = Settings()
    assert (defaults.host, defaults.port, defaults.title) == ("127.0.0.1", 8550, "Flet Chat")
    assert not (defaults.web or defaults.window or defaults.lan or defaults.no_browser)
    assert defaults.data.is_absolute()
    assert "flet-chat" in str(defaults.data)


def test_environment_values_are_parsed_to_their_types() -> None:
    values = from_environment(
        {
            "CHAT_WEB": "1",
            "CHAT_LAN": "no",
            "CHAT_NO_BROWSER": " TRUE ",
            "CHAT_PORT": "9000",
            "CHAT_HOST": "::1",
            "CHAT_DATA": "/srv/chat",
            "CHAT_TITLE": "Ship’s Chat",
            "CHAT_WINDOW": "",
            "HOME": "/root",
        }
    )
    assert values == {
        "web": True,
        "lan": False,
        "no_browser": True,
        "port": 9000,
        "host": "::1",
        "data": Path("/srv/chat"),
        "title": "Ship’s Chat",
    }
    assert Settings(**values).port == 9000


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("CHAT_PORT", "many", "takes a number"),
        ("CHAT_PORT", "80.5", "takes a number"),
        ("CHAT_PORT", "-1", "takes a number"),
        ("CHAT_PORT", "²", "takes a number"),
        ("CHAT_PORT", "٣", "takes a number"),
        pytest.param("CHAT_PORT", "9" * 5000, "", id="CHAT_PORT-of-5000-digits"),
        ("CHAT_WEB", "maybe", "takes 1 or 0"),
        ("CHAT_LAN", "2", "takes 1 or 0"),
        ("CHAT_NO_BROWSER", "ja", "takes 1 or 0"),
    ],
)
def test_invalid_environment_value_error_names_the_variable(
    name: str, value: str, reason: str
) -> None:
    with pytest.raises(CannotStart) as error:
        from_environment({name: value})
    assert name in str(error.value)
    assert reason in str(error.value)


def test_command_prints_usage_and_error_for_an_invalid_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_PORT", "many")
    output = refusal_of([], capsys)
    assert output.startswith("Usage: flet-chat")
    assert output.endswith("CHAT_PORT is “many”; it takes a number.\n")


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["--bad"], "--bad"),
        (["--port"], "--port"),
        (["--port", "many"], "--port"),
        (["--port", "65536"], "65536 is not a port"),
        (["--port", "-1"], "-1 is not a port"),
        (["--web", "--window"], "either --web or --window"),
        (["--title", ""], "title needs 1 to 60"),
        (["--title", "   "], "title needs 1 to 60"),
        (["--title", "x" * 61], "title needs 1 to 60"),
        (["Ann"], "Ann"),
    ],
)
def test_invalid_flag_prints_usage_and_the_reason(
    argv: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = refusal_of(argv, capsys)
    assert output.startswith("Usage: flet-chat")
    assert reason in output.splitlines()[-1]


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run(["--help"])
    assert exit_info.value.code == 0
    output = " ".join(capsys.readouterr().out.split())
    for setting in all_settings():
        assert f" {setting.flag} " in output
        assert f"{setting.help_info.text} [{setting.env}]" in output


def test_version_flag_prints_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run(["--version"])
    assert exit_info.value.code == 0
    assert capsys.readouterr().out == f"Flet Chat {__version__}\n"


def test_invalid_flag_does_not_import_flet_or_sqlalchemy() -> None:
    script = (
        "import sys\n"
        "from chat.server.cli import run\n"
        "try: run(['--bad'])\n"
        "except SystemExit: print('flet' in sys.modules, 'sqlalchemy' in sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout == "False False\n"


def test_missing_flags_are_none_so_that_the_environment_applies() -> None:
    flags = serve_command.make_context("serve", ["--lan", "--port", "9001"]).params
    assert flag_values(flags) == {"lan": True, "port": 9001}


def test_serve_is_what_the_command_does_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["--help"])
    default_output = capsys.readouterr().out
    with pytest.raises(SystemExit):
        run(["serve", "--help"])
    assert capsys.readouterr().out == default_output


TWO_ORIGINS = frozenset({"https://a.example", "https://b.example"})


@pytest.mark.parametrize(
    "argv",
    [
        ["--origin", "https://a.example", "--origin", "https://b.example"],
        ["--origin=https://a.example,https://b.example"],
        ["--origin", "https://a.example,https://b.example", "--origin", "https://a.example"],
        [],
    ],
)
def test_origin_may_be_repeated_or_comma_separated(
    argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A flag takes precedence over the environment.
    environment_value = "https://a.example, https://b.example" if not argv else "https://c.example"
    monkeypatch.setenv("CHAT_ORIGIN", environment_value)
    served: list[Settings] = []
    app = SimpleNamespace(serve=lambda settings, around: served.append(settings))
    monkeypatch.setitem(sys.modules, "chat.server.app", app)
    with pytest.raises(SystemExit):
        run(argv)
    assert [each.origins for each in served] == [TWO_ORIGINS]


def test_one_invalid_origin_of_several_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    output = refusal_of(["--origin", "https://a.example", "--origin", "b.example"], capsys)
    assert "“b.example” is no address of a page" in output


@pytest.mark.parametrize(
    ("origin", "door"),
    [
        ("", JoinPolicy.OPEN),
        ("https://laptop.local,http://192.168.1.5,http://localhost:3000", JoinPolicy.OPEN),
        ("https://chat.example.org", JoinPolicy.INVITE),
        ("http://laptop.local,https://203.0.113.5,https://8.8.8.8", JoinPolicy.INVITE),
    ],
)
def test_chat_of_the_internet_is_by_invitation_unless_a_setting_says_otherwise(
    origin: str, door: JoinPolicy
) -> None:
    assert Settings(origin=origin).join_policy is door
    assert Settings(origin=origin, join="Open").join_policy is JoinPolicy.OPEN
    assert Settings(origin=origin, join="approve").join_policy is JoinPolicy.APPROVE


def test_unknown_door_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    output = refusal_of(["--join", "closed"], capsys)
    assert "--join is one of open, invite, approve, and not “closed”." in output


def test_hosts_of_webhooks_are_names_addresses_and_networks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hosts = Settings(hook_addresses="Grafana.internal, 127.0.0.1,10.0.0.0/8,[::1]")
    assert hosts.allowed_hook_hosts.names == {"grafana.internal"}
    networks = [str(each) for each in hosts.allowed_hook_hosts.networks]
    assert networks == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]
    output = refusal_of(["--hook-addresses", "10.0.0.5", "--hook-addresses", "http://x"], capsys)
    assert "“http://x” is no host and no network" in output


def test_web_and_window_together_are_refused() -> None:
    with pytest.raises(CannotStart, match="--web or --window"):
        Settings(web=True, window=True)
    assert Settings(web=True).web
    assert Settings(window=True).window


@pytest.mark.parametrize("port", [-1, 65536, 8550_8550])
def test_out_of_range_port_is_refused(port: int) -> None:
    with pytest.raises(CannotStart, match="not a port"):
        Settings(port=port)
    assert [Settings(port=valid_port).port for valid_port in (0, 65535)] == [0, 65535]


def test_lan_listens_on_all_interfaces_unless_host_is_set() -> None:
    assert Settings().bind_host == "127.0.0.1"
    assert Settings(lan=True).bind_host == "0.0.0.0"
    assert Settings(lan=True, host="192.168.1.7").bind_host == "192.168.1.7"
    assert Settings(host="::1").bind_host == "::1"


def test_environment_detects_a_display_and_flet_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert not detect_environment({}).has_screen
    assert detect_environment({"DISPLAY": ":0"}).has_screen
    assert detect_environment({"WAYLAND_DISPLAY": "wayland-0"}).has_screen
    monkeypatch.setattr(sys, "platform", "darwin")
    assert detect_environment({}).has_screen
    environment = detect_environment(
        {
            "FLET_DISPLAY_URL_PREFIX": "abc",
            "FLET_SERVER_PORT": "9002",
            "FLET_SERVER_IP": "127.0.0.1",
            "FLET_FORCE_WEB_SERVER": "true",
        }
    )
    assert environment.flet_run_prefix == "abc"
    assert (environment.flet_run_host, environment.flet_run_port) == ("127.0.0.1", 9002)
    assert environment.flet_run_web
    assert detect_environment({}).flet_run_prefix is None


@pytest.mark.parametrize("port", ["", "many", "²"])
def test_invalid_flet_run_port_is_ignored(port: str) -> None:
    assert detect_environment({"FLET_SERVER_PORT": port}).flet_run_port is None


@pytest.mark.parametrize(
    ("given", "base_path"),
    [("", ""), ("/", ""), ("team", "/team"), ("/team/", "/team"), ("/a/b.c", "/a/b.c")],
)
def test_base_path_is_normalized(given: str, base_path: str) -> None:
    assert Settings(base_path=given).base_path == base_path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_path", "/api"),
        ("base_path", "/room/x"),
        ("base_path", "/a//b"),
        ("base_path", "/.."),
        ("base_path", '/"><script>'),
        ("base_path", "/te am"),
        ("base_path", "https://a.example/team"),
        ("proxy", "proxy.example"),
        ("proxy", "127.0.0.1, 10.0.0.0/99"),
        ("sockets_an_address", 0),
    ],
)
def test_setting_of_the_connection_is_refused_with_a_sentence(name: str, value: object) -> None:
    with pytest.raises(CannotStart) as refused:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert str(refused.value).endswith(".")


def test_proxies_are_addresses_and_networks() -> None:
    proxies = Settings(proxy="127.0.0.1, 10.1.2.3/8,fd00::/8").proxies
    assert [str(each) for each in proxies] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
