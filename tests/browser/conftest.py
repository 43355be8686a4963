"""Fixtures of the tests in Chromium: one page for the tests of a file, which takes long to load."""

import base64
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page

from tests.harness.browser import CHROMIUM_FLAGS, PHONE, Tab, find_chromium
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.shared_tab import SharedTab

_WIDTH, _HEIGHT = 1200, 900

# The name of this computer, for which `--tls` has a certificate.
HOST_NAME = f"{socket.gethostname().partition('.')[0].lower()}.local"


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


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """The command with `--tls`."""
    server = ForkedServer(tmp_path / "data", "--web", "--no-browser", "--tls").start()
    yield server
    server.kill_if_running()


@pytest.fixture
def trusting_page(browser: Browser, tls_server: ServerProcess) -> Iterator[Page]:
    """A page of a Chromium that trusts this chat's certificate, and finds the host by its name."""
    leaf = x509.load_pem_x509_certificate((tls_server.data_folder / "tls/leaf.pem").read_bytes())
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(key).digest()).decode()
    rules = f"--host-resolver-rules=MAP {HOST_NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    flags = [each for each in CHROMIUM_FLAGS if not each.startswith("--host-resolver-rules")]
    trusting = browser.browser_type.launch(
        executable_path=find_chromium(),
        args=[*flags, rules, f"--ignore-certificate-errors-spki-list={digest}"],
    )
    yield trusting.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    trusting.close()
