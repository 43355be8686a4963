"""The desktop window: a real one on a screen that nobody sees, and what happens without one."""

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
from tests.harness.browser import Tab, a_browser
from tests.harness.client import HeadlessClient
from tests.harness.desktop import Program, Screen, Shim, environment, running, until

_ARTEFACTS = Path(__file__).parents[1] / "artefacts"

# The room's list in a window of 1280 x 720, without its edge.
_TIMELINE = (300, 72, 1250, 630)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Windows and macOS have other clients and no Xvfb."
)


@pytest.fixture(scope="session")
def client() -> Path:
    """The native client's program."""
    try:
        return desktop.client()
    except desktop.Unavailable as reason:
        _cannot(str(reason))


@pytest.fixture
def display(client: Path, tmp_path: Path) -> Iterator[Screen]:
    """A screen with nothing on it."""
    folder = tmp_path / "screen"
    folder.mkdir()
    try:
        display = Screen(folder)
    except desktop.Unavailable as reason:
        _cannot(str(reason))
    yield display
    display.off()


def _cannot(reason: str) -> NoReturn:
    """Skip with the reason, or fail where nothing may be skipped."""
    if os.environ.get("CHAT_TEST_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


# A window, and people in browsers


async def test_window_and_browser_talk(client: Path, display: Screen, tmp_path: Path) -> None:
    async with _server_with_shim(display, tmp_path) as (address, shim):
        with _window(client, shim, display, tmp_path):
            wanda = await shim.opens(1)
            await wanda.comes_in("Wanda")
            async with _person(address, "Bob") as bob:
                await wanda.until(lambda: wanda.sees("2 here"))
                before = await _drawn(display, "Bob", in_timeline=False)
                await bob.posts("Hello from a browser tab")
                await wanda.until(lambda: "Hello from a browser tab" in wanda.timeline_texts)
                after = await _drawn(display, "Bob", in_timeline=True)
                assert _width_of_change(before, after) > 200
                await wanda.posts("Hi Bob, I have a window of my own")
                await bob.until(lambda: "Hi Bob, I have a window of my own" in bob.timeline_texts)
                picture = await _drawn(display, "Wanda", in_timeline=True)
                assert len(picture.getcolors(picture.width * picture.height) or []) > 100
                assert bob.timeline_texts == wanda.timeline_texts
                assert wanda.crashes == []


async def test_the_window_shows_what_is_typed_in_chromium(
    client: Path, display: Screen, tmp_path: Path
) -> None:
    async with _server_with_shim(display, tmp_path) as (address, shim):
        with _window(client, shim, display, tmp_path):
            wanda = await shim.opens(1)
            await wanda.comes_in("Wanda")
            await asyncio.to_thread(_says_in_chromium, address, "Bob", "Typed in a browser tab")
            await wanda.until(lambda: "Typed in a browser tab" in wanda.timeline_texts)
            await wanda.posts("And answered in the window")
            picture = await _drawn(display, "Wanda", in_timeline=True)
            _ARTEFACTS.mkdir(exist_ok=True)
            picture.save(_ARTEFACTS / "window.png")


def _says_in_chromium(address: str, name: str, text: str) -> None:
    with a_browser() as browser:
        Tab(browser.new_context(), address).opens().comes_in(name).says(text)


async def test_a_window_that_is_opened_again_is_the_same_person(
    client: Path, display: Screen, tmp_path: Path
) -> None:
    async with _server_with_shim(display, tmp_path) as (_, shim):
        with _window(client, shim, display, tmp_path):
            wanda = await shim.opens(1)
            await wanda.comes_in("Wanda")
            await wanda.posts("Back in a moment")
            await wanda.types("I was about to")
        with _window(client, shim, display, tmp_path):
            again = await shim.opens(2)
            await again.until(lambda: again.composer, 30)
            await again.until(lambda: "Back in a moment" in again.timeline_texts)
            await again.until(lambda: again.composer_text == "I was about to")
            assert again.sees("Welcome, Wanda!")
            assert b"Start chat" not in again.received
            assert again.timeline_texts.count("Wanda has joined the chat.") == 1
            await _drawn(display, "Wanda", in_timeline=True)


async def test_one_command_shows_the_window_and_ends_with_it(
    client: Path, display: Screen, tmp_path: Path
) -> None:
    # What Flet starts as its client waits for the shim's address, which takes the server's place.
    viewer = _viewer(
        tmp_path,
        f"exec 2> {tmp_path}/client.txt; while [ ! -s {tmp_path}/shim ]; do sleep 0.05; done",
        f'{client} "$(cat {tmp_path}/shim)" "$2"; exit 0',
    )
    env = display.client_lives_in(tmp_path / "home") | {"FLET_VIEW_PATH": str(viewer)}
    with running(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _ready(chat)
        async with Shim(address, display).stands() as shim:
            _write(tmp_path / "shim", shim.address)
            wanda = await shim.opens(1)
            async with _person(address, "Bob") as bob:
                await wanda.comes_in("Wanda")
                await bob.until(lambda: "Wanda has joined the chat." in bob.timeline_texts)
            _close_client((await _shown(tmp_path))[1])
            assert await chat.ends() == 0
    assert chat.err == ""


# The window's process, without a screen: a script takes the client's place


async def test_the_window_opens_the_address_and_the_chat_ends_with_it(tmp_path: Path) -> None:
    env = _with_viewer(tmp_path, "exit 0")
    with running(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _ready(chat)
        assert await chat.ends() == 0
    assert (await _shown(tmp_path))[0] == address
    assert chat.err == ""


async def test_a_closed_window_leaves_the_chat_to_those_who_are_in_it(tmp_path: Path) -> None:
    env = _with_viewer(tmp_path, f"while [ ! -e {tmp_path}/close ]; do sleep 0.05; done")
    with running(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _ready(chat)
        async with _person(address, "Ann") as ann:
            _write(tmp_path / "close", "now")
            await chat.prints(r"The window is closed\. 1 person is still here")
            await ann.posts("Still here")
            assert "Still here" in ann.timeline_texts
            assert await _answers(address)
        chat.terminate()
        assert await chat.ends() == 0


async def test_the_window_goes_with_the_chat(tmp_path: Path) -> None:
    env = _with_viewer(tmp_path, 'echo $$ > "$2"; exec sleep 60')
    with running(_command(tmp_path), tmp_path / "chat", env) as chat:
        await _ready(chat)
        note = Path((await _shown(tmp_path))[1])
        await until(lambda: _read(note).endswith("\n"), 10, "a client that runs")
        pid = int(_read(note))
        assert _runs(pid)
        chat.terminate()
        assert await chat.ends() == 0
        await until(lambda: not _runs(pid), 5, "the end of the client")
        assert _read(note) == "", "its note is left behind"


# Where there can be no window


async def test_without_internet_the_chat_opens_in_the_browser(tmp_path: Path) -> None:
    with _nobody_listens() as proxy:
        env = _offline(tmp_path, proxy) | {"BROWSER": _browser(tmp_path, "")}
        with running(_command(tmp_path), tmp_path / "chat", env) as chat:
            address = await _ready(chat)
            await until(lambda: _read(tmp_path / "tab") == address, 30, "a tab")
            assert chat.err.splitlines() == [
                "The desktop window is downloaded on its first use, and that failed."
                " The chat opens in the browser instead."
            ]
            assert await _answers(address)
            chat.terminate()
            assert await chat.ends() == 0


async def test_a_window_that_does_not_start_gives_way_to_the_browser(tmp_path: Path) -> None:
    env = _with_viewer(tmp_path, "exit 127") | {"BROWSER": _browser(tmp_path, "")}
    with running(_command(tmp_path), tmp_path / "chat", env) as chat:
        address = await _ready(chat)
        await until(lambda: _read(tmp_path / "tab") == address, 30, "a tab")
        assert chat.err.splitlines() == [
            "The desktop window could not be started here. The chat opens in the browser instead."
        ]
        assert await _answers(address)
        chat.terminate()
        assert await chat.ends() == 0


async def test_the_chat_ends_while_a_browser_in_the_terminal_is_open(tmp_path: Path) -> None:
    env = environment(DISPLAY=":none", BROWSER=_browser(tmp_path, "exec sleep 60"))
    with running(_command(tmp_path, "--web"), tmp_path / "chat", env) as chat:
        address = await _ready(chat)
        await until(lambda: _read(tmp_path / "tab") == address, 30, "a tab")
        assert await _answers(address)
        chat.terminate()
        assert await chat.ends() == 0


async def test_the_chat_ends_while_the_window_is_still_on_its_way(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(30)
        env = _offline(tmp_path, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with running(_command(tmp_path, "--no-browser"), tmp_path / "chat", env) as chat:
            address = await _ready(chat)
            asked, _ = proxy.accept()
            with asked:
                assert await _answers(address)
                chat.terminate()
                assert await chat.ends() == 0


# `flet run`


async def test_flet_run_serves_the_web(tmp_path: Path) -> None:
    env = environment(HOME=tmp_path, CHAT_DATA=tmp_path / "data", BROWSER=_browser(tmp_path, ""))
    with _flet_run(tmp_path, env, "--web") as flet:
        address = (await flet.prints(r"http://[\w.]+:\d+"))[0]
        assert await _answers(address)
        await until(lambda: _read(tmp_path / "tab") == address, 30, "a tab")
        async with _person(address, "Ann") as ann:
            await ann.posts("Hello from flet run")
        flet.interrupt()
        await flet.ends()
        # It does not wait for the chat that it started.
        await until(lambda: not _accepts(address), 10, "the end of the chat")
    assert (tmp_path / "data" / "chat.db").is_file()


async def test_flet_run_opens_the_window(tmp_path: Path) -> None:
    env = _with_viewer(tmp_path, f"while [ ! -e {tmp_path}/close ]; do sleep 0.05; done")
    env |= {"HOME": str(tmp_path), "CHAT_DATA": str(tmp_path / "data"), "CHAT_PORT": "0"}
    with _flet_run(tmp_path, env) as flet:
        address = (await flet.prints(r"http://[\w.]+:\d+"))[0]
        assert (await _shown(tmp_path))[0] == address
        assert await _answers(address)
        _write(tmp_path / "close", "now")
        assert await flet.ends() == 0
        assert not _accepts(address)


# The chat and its people


def _command(folder: Path, *flags: str) -> list[str]:
    return [sys.executable, "main.py", "--port", "0", "--data", str(folder / "data"), *flags]


async def _ready(chat: Program) -> str:
    """The chat's address, as soon as it answers."""
    return (await chat.prints(r"is ready at (http://\S+)"))[1]


@contextlib.asynccontextmanager
async def _server_with_shim(display: Screen, folder: Path) -> AsyncIterator[tuple[str, Shim]]:
    command = _command(folder, "--web", "--no-browser")
    with running(command, folder / "chat", environment()) as chat:
        address = await _ready(chat)
        async with Shim(address, display).stands() as shim:
            yield address, shim
    assert chat.err == ""


@contextlib.contextmanager
def _window(client: Path, shim: Shim, display: Screen, folder: Path) -> Iterator[Program]:
    words: list[str | Path] = [client, shim.address, folder / "client.pid"]
    with running(words, folder / "client", display.client_lives_in(folder / "home")) as window:
        yield window


@contextlib.asynccontextmanager
async def _person(address: str, name: str) -> AsyncIterator[HeadlessClient]:
    person = HeadlessClient(address)
    try:
        await person.opens()
        await person.signs_in(name)
        yield person
    finally:
        await person.disconnects()
    assert person.crashes == []


async def _answers(address: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            answer = await http.get(f"{address}/healthz")
        except httpx.TransportError:
            return False
    return answer.status_code == 200 and answer.json()["status"] == "ok"


def _accepts(address: str) -> bool:
    """Whether somebody listens there."""
    url = httpx.URL(address)
    with socket.socket() as probe:
        return probe.connect_ex((url.host, url.port or 80)) == 0


# The picture


async def _drawn(display: Screen, name: str, *, in_timeline: bool) -> Image.Image:
    """The picture, as soon as a message of `name` is in its timeline, or none is."""

    def drawn() -> bool:
        # The disc of an avatar has about a thousand pixels.
        return desktop.count(display.picture().crop(_TIMELINE), widgets.avatar_colour(name)) > 500

    await until(lambda: drawn() is in_timeline, 20, f"a message of {name}: {in_timeline}")
    return await display.rests()


def _width_of_change(before: Image.Image, after: Image.Image) -> int:
    changed = ImageChops.difference(before.crop(_TIMELINE), after.crop(_TIMELINE)).getbbox()
    return changed[2] - changed[0] if changed else 0


# Stand-ins: a client, a browser, no internet


def _script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), "utf-8")
    path.chmod(0o755)
    return path


def _viewer(folder: Path, *body: str) -> Path:
    """A folder with a `flet` that notes how it was called, and does `body`."""
    note = f'printf "%s\\n" "$@" > {folder}/called.part && mv {folder}/called.part {folder}/called'
    return _script(folder / "viewer" / "flet", note, *body).parent


def _with_viewer(folder: Path, body: str) -> dict[str, str]:
    """The environment of a chat whose window is `_viewer`."""
    return environment(DISPLAY=":none", FLET_VIEW_PATH=_viewer(folder, body))


async def _shown(folder: Path) -> list[str]:
    """What the viewer was called with: an address, and where it notes its process."""
    await until((folder / "called").exists, 20, "a call of the client")
    return _read(folder / "called").splitlines()


def _browser(folder: Path, body: str) -> str:
    """A browser that notes its address in the file `tab`, and does `body`."""
    note = f'printf %s "$1" > {folder}/tab.part && mv {folder}/tab.part {folder}/tab'
    return f"{_script(folder / 'browser', note, body)} %s"


@contextlib.contextmanager
def _nobody_listens() -> Iterator[str]:
    """An address that is refused: the port is held, and nobody answers at it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def _offline(folder: Path, proxy: str) -> dict[str, str]:
    """The environment of a person with a screen whose way out is `proxy`, and who is new."""
    home = folder / "home"
    home.mkdir()
    return environment(DISPLAY=":none", HOME=home, https_proxy=proxy, http_proxy=proxy)


@contextlib.contextmanager
def _flet_run(folder: Path, env: dict[str, str], *flags: str) -> Iterator[Program]:
    """`flet run main.py` in a copy of the project, as it leaves its own files beside main.py."""
    copy = folder / "project"
    for part in ("chat", "assets"):
        shutil.copytree(
            desktop.PROJECT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__")
        )
    for part in ("main.py", "pyproject.toml"):
        shutil.copy(desktop.PROJECT / part, copy)
    command = [sys.executable, "-m", "flet.cli", "run", *flags, "main.py"]
    with running(command, folder / "flet", env, copy) as flet:
        yield flet


def _runs(pid: int) -> bool:
    """Whether a process is there and not merely unburied."""
    state = re.search(r"\) (\w)", _read(Path(f"/proc/{pid}/stat")))
    return state is not None and state[1] != "Z"


def _close_client(note: str) -> None:
    os.kill(int(_read(Path(note))), signal.SIGTERM)


def _read(path: Path) -> str:
    """What a file holds, nothing if there is none."""
    return path.read_text("utf-8") if path.exists() else ""


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
