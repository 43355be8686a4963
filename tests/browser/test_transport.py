"""What the browser itself enforces: the content security policy, and TLS."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import HOST_NAME
from tests.browser.test_files import choose_files, landscape
from tests.harness.browser import Tab
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
