"""The desktop window: a real one on a virtual display, and the fallback without one."""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from PIL import Image, ImageChops

from chat.ui.theme import widgets
from tests.harness import desktop
from tests.harness.browser import Tab, launched_browser
from tests.harness.desktop import (
    Program,
    ProtocolShim,
    VirtualDisplay,
    clean_environment,
    running_program,
)
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

_ARTEFACTS = Path(__file__).parents[1] / "artefacts"

# The timeline in a window of 1280 x 720, without its edge.
_TIMELINE = (300, 72, 1250, 630)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Windows and macOS have other clients and no Xvfb."
)


@pytest.fixture(scope="session")
def client() -> Path:
    """The path of the native client."""
    try:
        return desktop.native_client_path()
    except desktop.NativeClientUnavailable as reason:
        _skip_or_fail(str(reason))


@pytest.fixture
def display(client: Path, tmp_path: Path) -> Iterator[VirtualDisplay]:
    """An empty virtual display."""
    folder = tmp_path / "screen"
    folder.mkdir()
    try:
        display = VirtualDisplay(folder)
    except desktop.NativeClientUnavailable as reason:
        _skip_or_fail(str(reason))
    yield display
    display.stop()


def _skip_or_fail(reason: str) -> NoReturn:
    """Skip with the reason, or fail if the browser tests are required."""
    if os.environ.get("CHAT_TEST_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


# A window, and people in browsers


async def test_window_and_browser_exchange_messages(
    client: Path, display: VirtualDisplay, tmp_path: Path
) -> None:
    async with _server_with_shim(display, tmp_path) as (address, shim):
        with _window(client, shim, display, tmp_path):
            wanda = await shim.window(1)
            await wanda.signs_in("Wanda")
            async with _signed_in_client(address, "Bob") as bob:
                await wanda.until(lambda: wanda.sees("2 here"))
                before = await _wait_until_drawn(display, "Bob", in_timeline=False)
                await bob.composer.posts("Hello from a browser tab")
                await wanda.until(lambda: "Hello from a browser tab" in wanda.timeline.texts)
                after = await _wait_until_drawn(display, "Bob", in_timeline=True)
                assert _changed_width(before, after) > 200
                await wanda.composer.posts("Hi Bob, I have a window of my own")
                await bob.until(lambda: "Hi Bob, I have a window of my own" in bob.timeline.texts)
                picture = await _wait_until_drawn(display, "Wanda", in_timeline=True)
                assert len(picture.getcolors(picture.width * picture.height) or []) > 100
                assert bob.timeline.texts == wanda.timeline.texts
            await asyncio.to_thread(_post_in_chromium, address, "Cem", "Typed in a browser tab")
            await wanda.until(lambda: "Typed in a browser tab" in wanda.timeline.texts)
            picture = await _wait_until_drawn(display, "Cem", in_timeline=True)
            _ARTEFACTS.mkdir(exist_ok=True)
            picture.save(_ARTEFACTS / "window.png")
            assert wanda.crashes == []


def _post_in_chromium(address: str, name: str, text: str) -> None:
    with launched_browser() as browser:
        Tab(browser.new_context(), address).opens().signs_in(name).posts(text)


async def test_reopened_window_is_the_same_person_with_the_draft(
    client: Path, display: VirtualDisplay, tmp_path: Path
) -> None:
    async with _server_with_shim(display, tmp_path) as (_, shim):
        with _window(client, shim, display, tmp_path):
            wanda = await shim.window(1)
            await wanda.signs_in("Wanda")
            await wanda.composer.posts("Back in a moment")
            await wanda.composer.types("I was about to")
        with _window(client, shim, display, tmp_path):
            reopened = await shim.window(2)
            await reopened.until(lambda: reopened.composer.control, 30)
            await reopened.until(lambda: "Back in a moment" in reopened.timeline.texts)
            await reopened.until(lambda: reopened.composer.text == "I was about to")
            assert not reopened.sees("Welcome, Wanda!")
            assert b"Start chat" not in reopened.received
            assert reopened.timeline.texts.count("Wanda has joined the chat.") == 1
            await _wait_until_drawn(display, "Wanda", in_timeline=True)


async def test_command_opens_the_window_and_ends_with_it(
    client: Path, display: VirtualDisplay, tmp_path: Path
) -> None:
    # The fake viewer waits for the address of the shim, and starts the client with that address
    # instead of the server's.
    viewer = _fake_viewer(
        tmp_path,
        f"exec 2> {tmp_path}/client.txt; while [ ! -s {tmp_path}/shim ]; do sleep 0.05; done",
        f'{client} "$(cat {tmp_path}/shim)" "$2"; exit 0',
    )
    env = display.client_environment(tmp_path / "home") | {"FLET_VIEW_PATH": str(viewer)}
    with running_program(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _wait_until_ready(chat)
        async with ProtocolShim(address, display).serving() as shim:
            _write(tmp_path / "shim", shim.address)
            wanda = await shim.window(1)
            async with _signed_in_client(address, "Bob") as bob:
                await wanda.signs_in("Wanda")
                await bob.until(lambda: "Wanda has joined the chat." in bob.timeline.texts)
            _close_client((await _viewer_arguments(tmp_path))[1])
            assert await chat.waits_for_exit() == 0
    assert chat.err == ""


# The process of the window, without a display: a script in place of the client


async def test_viewer_gets_the_address_and_the_server_ends_with_it(tmp_path: Path) -> None:
    env = _environment_with_viewer(tmp_path, "exit 0")
    with running_program(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _wait_until_ready(chat)
        assert await chat.waits_for_exit() == 0
    assert (await _viewer_arguments(tmp_path))[0] == address
    assert chat.err == ""


async def test_server_outlives_a_closed_window_while_people_are_connected(tmp_path: Path) -> None:
    env = _environment_with_viewer(
        tmp_path, f"while [ ! -e {tmp_path}/close ]; do sleep 0.05; done"
    )
    with running_program(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _wait_until_ready(chat)
        async with _signed_in_client(address, "Ann") as ann:
            _write(tmp_path / "close", "now")
            await chat.waits_for_output(r"The window is closed\. 1 person is still here")
            await ann.composer.posts("Still here")
            assert "Still here" in ann.timeline.texts
            assert await _is_healthy(address)
        chat.terminate()
        assert await chat.waits_for_exit() == 0


async def test_window_is_closed_when_the_server_ends(tmp_path: Path) -> None:
    env = _environment_with_viewer(tmp_path, 'echo $$ > "$2"; exec sleep 60')
    with running_program(_command(tmp_path), tmp_path / "chat", env) as chat:
        await _wait_until_ready(chat)
        pid_file = Path((await _viewer_arguments(tmp_path))[1])
        await wait_until(
            lambda: _read(pid_file).endswith("\n"), 10, description="a client that runs"
        )
        pid = int(_read(pid_file))
        assert _is_running(pid)
        chat.terminate()
        assert await chat.waits_for_exit() == 0
        await wait_until(lambda: not _is_running(pid), 5, description="the end of the client")
        assert _read(pid_file) == "", "the pid file is left behind"


# Without a window


async def test_failed_window_download_falls_back_to_the_browser(tmp_path: Path) -> None:
    with _refused_proxy() as proxy:
        env = _offline_environment(tmp_path, proxy) | {"BROWSER": _fake_browser(tmp_path, "")}
        with running_program(_command(tmp_path), tmp_path / "chat", env) as chat:
            address = await _wait_until_ready(chat)
            await wait_until(lambda: _read(tmp_path / "tab") == address, 30, description="a tab")
            assert chat.err.splitlines() == [
                "The desktop window is downloaded on its first use, and that failed."
                " The chat opens in the browser instead."
            ]
            assert await _is_healthy(address)
            chat.terminate()
            assert await chat.waits_for_exit() == 0


async def test_window_that_does_not_start_falls_back_to_the_browser(tmp_path: Path) -> None:
    env = _environment_with_viewer(tmp_path, "exit 127") | {"BROWSER": _fake_browser(tmp_path, "")}
    with running_program(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _wait_until_ready(chat)
        await wait_until(lambda: _read(tmp_path / "tab") == address, 30, description="a tab")
        assert chat.err.splitlines() == [
            "The desktop window could not be started here. The chat opens in the browser instead."
        ]
        assert await _is_healthy(address)
        chat.terminate()
        assert await chat.waits_for_exit() == 0


async def test_server_ends_while_a_terminal_browser_is_open(tmp_path: Path) -> None:
    env = clean_environment(DISPLAY=":none", BROWSER=_fake_browser(tmp_path, "exec sleep 60"))
    with running_program(_command(tmp_path, "--web"), tmp_path / "chat", env) as chat:
        address = await _wait_until_ready(chat)
        await wait_until(lambda: _read(tmp_path / "tab") == address, 30, description="a tab")
        assert await _is_healthy(address)
        chat.terminate()
        assert await chat.waits_for_exit() == 0


async def test_server_ends_while_the_window_is_downloading(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(30)
        env = _offline_environment(tmp_path, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with running_program(_command(tmp_path, "--no-browser"), tmp_path / "chat", env) as chat:
            address = await _wait_until_ready(chat)
            download, _ = proxy.accept()
            with download:
                assert await _is_healthy(address)
                chat.terminate()
                assert await chat.waits_for_exit() == 0


# `flet run`


async def test_flet_run_web_serves_the_chat(tmp_path: Path) -> None:
    env = clean_environment(
        HOME=tmp_path, CHAT_DATA=tmp_path / "data", BROWSER=_fake_browser(tmp_path, "")
    )
    with _running_flet(tmp_path, env, "--web") as flet:
        address = (await flet.waits_for_output(r"http://[\w.]+:\d+"))[0]
        assert await _is_healthy(address)
        await wait_until(lambda: _read(tmp_path / "tab") == address, 30, description="a tab")
        async with _signed_in_client(address, "Ann") as ann:
            await ann.composer.posts("Hello from flet run")
        flet.interrupt()
        await flet.waits_for_exit()
        # `flet run` does not wait for the process of the chat.
        await wait_until(lambda: not _is_listening(address), 10, description="the end of the chat")
    assert (tmp_path / "data" / "chat.db").is_file()


async def test_flet_run_opens_the_window_and_ends_with_it(tmp_path: Path) -> None:
    env = _environment_with_viewer(
        tmp_path, f"while [ ! -e {tmp_path}/close ]; do sleep 0.05; done"
    )
    env |= {"HOME": str(tmp_path), "CHAT_DATA": str(tmp_path / "data"), "CHAT_PORT": "0"}
    with _running_flet(tmp_path, env) as flet:
        address = (await flet.waits_for_output(r"http://[\w.]+:\d+"))[0]
        assert (await _viewer_arguments(tmp_path))[0] == address
        assert await _is_healthy(address)
        _write(tmp_path / "close", "now")
        assert await flet.waits_for_exit() == 0
        assert not _is_listening(address)


# The chat and its users


def _command(folder: Path, *flags: str) -> list[str]:
    return [sys.executable, "main.py", "--port", "0", "--data", str(folder / "data"), *flags]


async def _wait_until_ready(chat: Program) -> str:
    """Wait until the chat is ready; returns its address."""
    return (await chat.waits_for_output(r"is ready at (http://\S+)"))[1]


@contextlib.asynccontextmanager
async def _server_with_shim(
    display: VirtualDisplay, folder: Path
) -> AsyncIterator[tuple[str, ProtocolShim]]:
    server_command = _command(folder, "--web", "--no-browser")
    with running_program(server_command, folder / "chat", clean_environment()) as chat:
        address = await _wait_until_ready(chat)
        async with ProtocolShim(address, display).serving() as shim:
            yield address, shim
    assert chat.err == ""


@contextlib.contextmanager
def _window(
    client: Path, shim: ProtocolShim, display: VirtualDisplay, folder: Path
) -> Iterator[Program]:
    command: list[str | Path] = [client, shim.address, folder / "client.pid"]
    with running_program(
        command, folder / "client", display.client_environment(folder / "home")
    ) as window:
        yield window


@contextlib.asynccontextmanager
async def _signed_in_client(address: str, name: str) -> AsyncIterator[ChatUser]:
    person = ChatUser(address)
    try:
        await person.opens()
        await person.signs_in(name)
        yield person
    finally:
        await person.disconnects()
    assert person.crashes == []


async def _is_healthy(address: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            response = await http.get(f"{address}/healthz")
        except httpx.TransportError:
            return False
    return response.status_code == 200 and response.json()["status"] == "ok"


def _is_listening(address: str) -> bool:
    """Whether a server listens at this address."""
    url = httpx.URL(address)
    with socket.socket() as probe:
        return probe.connect_ex((url.host, url.port or 80)) == 0


# Screenshots


async def _wait_until_drawn(
    display: VirtualDisplay, name: str, *, in_timeline: bool
) -> Image.Image:
    """The screenshot, as soon as its timeline has a message of `name`, or has none."""

    def is_drawn() -> bool:
        # The disc of an avatar has about a thousand pixels.
        return (
            desktop.count_pixels(display.screenshot().crop(_TIMELINE), widgets.avatar_colour(name))
            > 500
        )

    await wait_until(
        lambda: is_drawn() is in_timeline, 20, description=f"a message of {name}: {in_timeline}"
    )
    return await display.stable_screenshot()


def _changed_width(before: Image.Image, after: Image.Image) -> int:
    changed = ImageChops.difference(before.crop(_TIMELINE), after.crop(_TIMELINE)).getbbox()
    return changed[2] - changed[0] if changed else 0


# Fakes: a client, a browser, and no internet


def _script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), "utf-8")
    path.chmod(0o755)
    return path


def _fake_viewer(folder: Path, *body: str) -> Path:
    """A folder with a program `flet` that records its arguments and runs `body`."""
    record = (
        f'printf "%s\\n" "$@" > {folder}/called.part && mv {folder}/called.part {folder}/called'
    )
    return _script(folder / "viewer" / "flet", record, *body).parent


def _environment_with_viewer(folder: Path, body: str) -> dict[str, str]:
    """The environment of a chat whose window is `_fake_viewer`."""
    return clean_environment(DISPLAY=":none", FLET_VIEW_PATH=_fake_viewer(folder, body))


async def _viewer_arguments(folder: Path) -> list[str]:
    """The arguments of the viewer: the address, and the path of its pid file."""
    await wait_until((folder / "called").exists, 20, description="a call of the client")
    return _read(folder / "called").splitlines()


def _fake_browser(folder: Path, body: str) -> str:
    """The command of a browser that writes its address to the file `tab` and runs `body`."""
    record = f'printf %s "$1" > {folder}/tab.part && mv {folder}/tab.part {folder}/tab'
    return f"{_script(folder / 'browser', record, body)} %s"


@contextlib.contextmanager
def _refused_proxy() -> Iterator[str]:
    """The address of a proxy that refuses connections: the port is bound, without a listener."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


def _offline_environment(folder: Path, proxy: str) -> dict[str, str]:
    """The environment of a new user with a display, whose HTTP proxy is `proxy`."""
    home = folder / "home"
    home.mkdir()
    return clean_environment(DISPLAY=":none", HOME=home, https_proxy=proxy, http_proxy=proxy)


@contextlib.contextmanager
def _running_flet(folder: Path, env: dict[str, str], *flags: str) -> Iterator[Program]:
    """Run `flet run main.py` in a copy of the project: Flet writes files beside main.py."""
    copy = folder / "project"
    for part in ("chat", "assets"):
        shutil.copytree(
            desktop.PROJECT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    for part in ("main.py", "pyproject.toml"):
        shutil.copy(desktop.PROJECT / part, copy)
    command = [sys.executable, "-m", "flet.cli", "run", *flags, "main.py"]
    with running_program(command, folder / "flet", env, copy) as flet:
        yield flet


def _is_running(pid: int) -> bool:
    """Whether a process runs. A zombie does not."""
    state = re.search(r"\) (\w)", _read(Path(f"/proc/{pid}/stat")))
    return state is not None and state[1] != "Z"


def _close_client(pid_file: str) -> None:
    os.kill(int(_read(Path(pid_file))), signal.SIGTERM)


def _read(path: Path) -> str:
    """The text of a file, empty if there is none."""
    return path.read_text("utf-8") if path.exists() else ""


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
