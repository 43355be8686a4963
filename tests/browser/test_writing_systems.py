"""Writing systems in Chromium, offline: each script is readable on the first screen."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Response

from chat.web.http.index_page import assets_folder
from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ForkedServer, ServerProcess
from tests.harness.threads import post_lines, run_in_thread

# “The weather is nice today.” in each script. Noor posts the lines, and a line of cuneiform.
LINES_BY_SCRIPT = {
    "simplified Chinese": "今天天气很好，我们去公园吧",
    "traditional Chinese": "今天天氣很好，我們去公園吧",
    "Japanese": "今日は天気がいいですね",
    "Korean": "오늘은 날씨가 좋네요",
    "Arabic": "الطقس جميل اليوم",
    "Hebrew": "מזג האוויר נעים היום",
    "Hindi": "आज मौसम बहुत अच्छा है",
    "Thai": "วันนี้อากาศดีมาก",
    "Russian": "Сегодня хорошая погода",
    "Greek": "Σήμερα έχει καλό καιρό",
    # A family, a flag, a skin tone, and one that is a single character.
    "emoji": "👨\u200d👩\u200d👧\u200d👦 🇪🇺 👍🏽 😀",
}

FONT_FAMILIES = {
    "notocoloremoji",
    "notosans",
    "notosansarabic",
    "notosanshebrew",
    "notosansjp",
    "notosanskr",
    "notosanssc",
    "notosansthai",
}

# A script without a font in the chat.
CUNEIFORM = "\N{CUNEIFORM SIGN A}\N{CUNEIFORM SIGN BA}\N{CUNEIFORM SIGN DA}"


@pytest.fixture(scope="module")
def seeded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A chat with a message of each script."""
    folder = tmp_path_factory.mktemp("scripts")
    server = ForkedServer(folder / "data", "--web", "--no-browser").start()
    try:
        run_in_thread(post_lines(server.address, "Noor", CUNEIFORM, *LINES_BY_SCRIPT.values()))
        yield server
    finally:
        server.kill_if_running()


class FontVisitor:
    """A tab with all lines, its font requests and the pixels of its rows."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int], blank: bool) -> None:
        viewport = {"width": size[0], "height": size[1]}
        # The language decides the shapes of Chinese characters. With a service worker each response
        # would count twice.
        self.context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale="ja",
            service_workers="block",
        )
        self.tab = Tab(self.context, address)
        self.font_responses: list[Response] = []
        self.tab.page.on("response", self._record_response)
        if blank:
            font = assets_folder() / "fonts" / "blank.woff2"
            self.tab.page.route("**/fonts/noto*/**", lambda route: route.fulfill(path=font))
        self.name = f"{'blank' if blank else 'scripts'}-{size[0]}"
        self.tab.opens_as(self.name).waits_for_text(LINES_BY_SCRIPT["emoji"])
        self.tab.until(lambda: self.families() >= FONT_FAMILIES, seconds=30)

    def families(self) -> set[str]:
        """The font families of which pieces were loaded."""
        return {response.url.split("/fonts/")[1].split("/")[0] for response in self.font_responses}

    def assert_no_more_requests(self) -> None:
        """Assert that no further font is requested."""
        self.tab.page.wait_for_timeout(1500)
        before = len(self.font_responses)
        self.tab.page.wait_for_timeout(1500)
        assert len(self.font_responses) == before

    def rows(self) -> dict[str, Image.Image]:
        """The pixels of each line, by script."""
        # A headless browser may skip the last frame until something moves.
        self.tab.page.mouse.move(1, time.monotonic() % 2)
        with Image.open(self.tab.takes_screenshot(self.name)) as picture:
            return {each: self._row(line, picture) for each, line in LINES_BY_SCRIPT.items()}

    def _row(self, line: str, picture: Image.Image) -> Image.Image:
        box = self.tab.page.locator("flt-semantics", has_text=line).last.bounding_box()
        assert box is not None
        bottom = int(box["y"] + box["height"])
        # Without the avatar of the author and the menu button.
        left, right = int(box["x"]) + 60, int(box["x"] + box["width"])
        row = picture.convert("RGB").crop((left, bottom - 24, right, bottom))
        background = Image.new("RGB", row.size, row.getpixel((0, 0)))
        # Without the margin.
        return row.crop(ImageChops.difference(row, background).getbbox())

    def _record_response(self, response: Response) -> None:
        if "/fonts/noto" in response.url:
            self.font_responses.append(response)


def count_coloured_pixels(picture: Image.Image) -> int:
    """The number of clearly coloured pixels."""
    bands = [band.tobytes() for band in picture.split()]
    return sum(max(pixel) - min(pixel) > 80 for pixel in zip(*bands, strict=True))


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "wide"])
def test_every_writing_system_is_readable_on_the_first_screen(
    browser: Browser, seeded_server: ServerProcess, size: tuple[int, int]
) -> None:
    blank = FontVisitor(browser, seeded_server.address, size, blank=True)
    ann = FontVisitor(browser, seeded_server.address, size, blank=False)
    boxes: dict[str, Image.Image] = {}

    def readable() -> bool:
        # Both tabs are read again each time: a list may have moved since, and the semantics tree is
        # updated after the picture.
        boxes.update(blank.rows())
        rows = ann.rows()
        same = {each for each in LINES_BY_SCRIPT if rows[each].tobytes() == boxes[each].tobytes()}
        # Roboto has the letters of these two.
        return same == {"Russian", "Greek"} and count_coloured_pixels(rows["emoji"]) > 300

    ann.tab.until(readable, seconds=90)
    assert count_coloured_pixels(boxes["emoji"]) < 10
    pieces = [response for response in ann.font_responses if "cuneiform" not in response.url]
    sizes = [int(piece.headers["content-length"]) for piece in pieces]
    assert 15 <= len(sizes) <= 40, "of more than five hundred"
    assert sum(sizes) < 2_500_000
    assert min(sizes) > 1000, "none is blank"
    # A missing font piece is requested once, too, however often the screen is drawn.
    ann.tab.posts("and more")
    ann.tab.waits_for_text("and more")
    ann.assert_no_more_requests()
    assert ann.families() == FONT_FAMILIES | {"notosanscuneiform"}
    requests_by_url = Counter(response.url for response in ann.font_responses)
    assert set(requests_by_url.values()) == {1}
    assert {response.status for response in ann.font_responses} == {200}
    assert (ann.tab.foreign_requests, ann.tab.page_errors) == ([], [])
    for each in (ann, blank):
        each.context.close()
