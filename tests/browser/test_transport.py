"""What the browser itself enforces: the content security policy."""

from playwright.sync_api import Browser

from tests.harness.browser import Tab
from tests.harness.process import ServerProcess

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
