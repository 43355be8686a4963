"""Fixtures of the tests in Chromium: one page for the tests of a file, which takes long to load."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.harness.browser import Tab
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.shared_tab import SharedTab

_WIDTH, _HEIGHT = 1200, 900


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all tests of a file."""
    folder = tmp_path_factory.mktemp("shared") / "data"
    server = ForkedServer(folder, "--web", "--no-browser").start()
    yield server
    server.kill_if_running()


@pytest.fixture(scope="module")
def shared_tab(chromium: Browser, shared_server: ServerProcess) -> Iterator[SharedTab]:
    """Ann's tab for all tests of a file. `ann` is the same in a new room."""
    context = chromium.new_context(
        viewport={"width": _WIDTH, "height": _HEIGHT},
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield SharedTab(Tab(context, shared_server.address).opens_as("Ann"))
    context.close()


@pytest.fixture
def ann(request: pytest.FixtureRequest, shared_tab: SharedTab) -> Iterator[Tab]:
    """Ann's tab in a room that is new for each test, with the focus in the field."""
    failed = request.session.testsfailed
    yield shared_tab.in_new_room()
    shared_tab.clean_up(has_failed=request.session.testsfailed > failed)
