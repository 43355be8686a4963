"""The service worker: an offline page without the server, and the new version after an upgrade."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Worker, expect

from tests.harness.browser import CHROMIUM_FLAGS, DESKTOP, PHONE, Tab, find_chromium
from tests.harness.process import ROOT, ForkedServer, ServerProcess, free_port
from tests.harness.slow_network import slow_network


@pytest.fixture
def ann(browser: Browser, server: ServerProcess) -> Iterator[Tab]:
    """A tab of Ann after her first visit: the service worker is installed."""
    tab = Tab(browser.new_context(), server.address)
    requested_urls: list[str] = []
    tab.page.context.on("request", lambda request: requested_urls.append(request.url))
    tab.opens_as("Ann").composer.wait_for()
    wait_for_worker(tab.page)
    yield tab
    tab.page.context.close()
    assert [
        url for url in requested_urls if not url.startswith((server.address, "data:", "blob:"))
    ] == []
    assert tab.page_errors == []


def wait_for_worker(page: Page) -> None:
    """Wait until the service worker of the page is active."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")


def worker_of(tab: Tab) -> Worker:
    """The active service worker: the one that was started last."""
    return tab.page.context.service_workers[-1]


def version_of(page: Page) -> str:
    """The version that the page runs."""
    return str(page.evaluate("flet.assetBase")).strip("/")[1:]


def cached_paths(page: Page) -> dict[str, list[str]]:
    """The paths in each cache of the service worker.

    While a worker deletes caches, use `cache_names`: opening a deleted cache makes it anew.
    """
    paths: dict[str, list[str]] = page.evaluate(
        """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async name =>
            [name, (await (await caches.open(name)).keys()).map(r => new URL(r.url).pathname)])))"""
    )
    return paths


def cache_names(page: Page) -> set[str]:
    """The names of all caches."""
    return set(page.evaluate("caches.keys()"))


def assert_offline_page(page: Page) -> None:
    """Assert that the offline page is shown."""
    expect(page.get_by_role("heading", name="Flet Chat cannot be reached")).to_be_visible()


@contextmanager
def failing_proxy(port: int) -> Iterator[None]:
    """A proxy on the port of the server that answers every request with 502."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(502)

        def log_message(self, *_: object) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def test_offline_page_is_shown_until_the_server_is_back(ann: Tab, server: ServerProcess) -> None:
    ann.posts("good night")
    ann.page.reload()
    ann.waits_until_ready().waits_for_text("good night")
    address = ann.page.url
    server.kill()
    with failing_proxy(server.port):
        # The worker treats a 502 as unreachable, and does not handle requests to another host.
        ann.page.reload()
        assert_offline_page(ann.page)
        port = free_port()
        with failing_proxy(port), pytest.raises(Error, match="Failed to fetch"):
            worker_of(ann).evaluate(
                "url => fetch(url, { mode: 'no-cors' }).then(() => null)",
                f"http://127.0.0.1:{port}/",
            )
    ann.page.reload()
    assert_offline_page(ann.page)
    assert ann.page.url == address
    for name, (width, height) in (("phone", PHONE), ("wide", DESKTOP)):
        ann.page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            ann.page.emulate_media(color_scheme=scheme)
            ann.takes_screenshot(f"away-{name}-{scheme}")
    ann.page.get_by_role("button", name="Try again").click()
    ann.page.get_by_text("Still no answer.").wait_for()

    server.start()
    ann.waits_until_ready().waits_for_text("good night")
    assert ann.page.url == address
    ann.posts("good morning")


def test_upgrade_runs_the_new_version_and_clears_old_caches(
    ann: Tab, server: ServerProcess, tmp_path: Path
) -> None:
    old = version_of(ann.page)
    ann.page.evaluate("caches.open('000000000000').then(() => null)")
    ann.page.reload()
    ann.waits_until_ready()
    ann.until(lambda: f"/v{old}/main.dart.wasm" in cached_paths(ann.page).get(old, []))
    assert all(path.startswith(f"/v{old}/") for path in cached_paths(ann.page)[old])

    for name in ("chat", "assets"):
        shutil.copytree(ROOT / name, tmp_path / "new" / name)
    shutil.copy(ROOT / "main.py", tmp_path / "new")
    with (tmp_path / "new" / "assets" / "bootstrap.js").open("a") as script:
        script.write("window.upgraded = true;\n")
    server.kill()
    ann.page.reload()
    assert_offline_page(ann.page)
    # With a cache folder of its own: the upgrade would delete the copies of this version.
    server.env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    server.root = tmp_path / "new"
    server.start()

    ann.waits_until_ready().composer.wait_for()
    assert ann.page.evaluate("window.upgraded") is True
    new = version_of(ann.page)
    assert new != old
    # The browser stops the old worker at a time of its choice.
    ann.until(lambda: cache_names(ann.page) <= {new}, seconds=30)
    assert ann.page.evaluate("navigator.serviceWorker.getRegistrations().then(r => r.length)") == 1
    assert worker_of(ann).evaluate("VERSION") == new


def test_second_page_load_transfers_at_most_50_kilobytes(
    browser: Browser, server: ServerProcess, tmp_path: Path
) -> None:
    # With a profile: the cache of a private window is too small.
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=find_chromium(), args=list(CHROMIUM_FLAGS)
    )
    with slow_network(server.port) as network:
        ann = Tab(context, network.address).opens()
        wait_for_worker(ann.page)
        before = network.received_bytes
        ann.page.reload()
        ann.waits_until_ready().page.get_by_role("button", name="Join chat").wait_for()
        ann.page.wait_for_timeout(1500)
        assert 0 < network.received_bytes - before <= 50_000
        context.close()


def test_chat_works_without_a_service_worker_on_plain_http(
    browser: Browser, tmp_path: Path
) -> None:
    # As on a local network: over plain HTTP only localhost is a secure context.
    server = ForkedServer(tmp_path / "data", "--web", "--no-browser")
    address = server.address.replace("127.0.0.1", "chat.lan")
    server.flags += (f"--origin={address}",)
    server.start()
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=find_chromium(),
        args=[*CHROMIUM_FLAGS, "--host-resolver-rules=MAP chat.lan 127.0.0.1"],
    )
    try:
        # (A client outside of this browser does not know the name.)
        ann = Tab(context, address).opens_with_name("Ann")
        ann.posts("hello")
        ann.waits_for_text("hello")
        assert ann.page.evaluate("[isSecureContext, 'serviceWorker' in navigator]") == [
            False,
            False,
        ]
        assert (ann.page_errors, ann.foreign_requests) == ([], [])
    finally:
        context.close()
        server.kill_if_running()
