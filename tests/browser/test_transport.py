"""What the browser itself enforces: the content security policy, and TLS."""

import base64
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_files import choose_files, landscape
from tests.harness.browser import CHROMIUM_FLAGS, PHONE, Tab, find_chromium
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.reverse_proxy import reverse_proxy

# Adds an inline script, and opens a socket to another port; both are reported to the page.
_VIOLATE = """() => new Promise((resolve) => {
  const blocked = [];
  addEventListener("securitypolicyviolation", (event) => {
    blocked.push(event.effectiveDirective);
    if (blocked.length === 2) resolve([blocked.sort(), window.planted ?? null]);
  });
  const script = document.createElement("script");
  script.textContent = "window.planted = true";
  document.head.append(script);
  try {
    new WebSocket("ws://127.0.0.1:9/ws");
  } catch {}
})"""


def test_policy_blocks_planted_scripts_and_foreign_sockets_and_nothing_of_the_chat(
    browser: Browser, server: ServerProcess
) -> None:
    tab = Tab(browser.new_context(), server.address)
    reports: list[str] = []
    tab.page.on("console", lambda message: reports.append(message.text))
    tab.opens_with_name("Ann")
    tab.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    assert [each for each in reports if "Content Security Policy" in each] == []
    blocked, planted = tab.page.evaluate(_VIOLATE)
    assert blocked == ["connect-src", "script-src-elem"]
    assert planted is None


HOST_NAME = f"{socket.gethostname().partition('.')[0].lower()}.local"


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


def test_a_phone_comes_from_the_trust_page_to_the_chat_over_https(
    tls_server: ServerProcess, trusting_page: Page
) -> None:
    page = trusting_page
    page.goto(f"http://{HOST_NAME}:{tls_server.port}/trust")
    expect(page.get_by_role("heading", level=1)).to_contain_text("A safe connection")
    page.get_by_role("link", name="Open the chat").press("Enter")
    page.wait_for_url(f"https://{HOST_NAME}:{tls_server.port}/")
    page.get_by_role("textbox").fill("Ann")
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    assert page.evaluate("[isSecureContext, crossOriginIsolated]") == [True, True]
    (cookie,) = [each for each in page.context.cookies() if each["httpOnly"]]
    assert cookie["name"].startswith("__Host-")
    assert cookie["secure"]


def test_chat_below_a_path_works_through_a_proxy_that_removes_it(
    browser: Browser, tmp_path: Path
) -> None:
    server = ForkedServer(tmp_path / "data", "--web", "--no-browser", "--base-path=/team")
    picture = landscape(tmp_path / "hills.png", 100)
    try:
        server.start()
        with reverse_proxy(server.port, "/team") as address:
            tab = Tab(browser.new_context(), address).opens_with_name("Ann")
            tab.posts("below a path")
            tab.waits_for_text("below a path")
            with tab.page.expect_response("**/team/pictures/*/small") as shown:
                choose_files(tab.page, picture)
                tab.page.get_by_role("button", name="Send").click()
            assert shown.value.status == 200
            scope = tab.page.evaluate("navigator.serviceWorker.ready.then((each) => each.scope)")
            assert scope == f"{address}/"
            # The address of a message, in the same tab and after a reload.
            tab.opens("/room/lobby/1")
            tab.waits_for_text("below a path")
            assert tab.page.url.startswith(f"{address}/room/lobby")
            assert tab.foreign_requests == []
            assert tab.page_errors == []
            tab.page.context.close()
    finally:
        server.kill_if_running()
