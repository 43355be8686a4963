"""Every script, offline: what people write is readable on the first screen, in a real browser."""

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

# Noor says each line, and something that nobody can read any more: “The weather is nice today.”
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

# Of a script that nobody has written for two thousand years.
CUNEIFORM = "\N{CUNEIFORM SIGN A}\N{CUNEIFORM SIGN BA}\N{CUNEIFORM SIGN DA}"


@pytest.fixture(scope="module")
def seeded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A chat in which every line was said."""
    folder = tmp_path_factory.mktemp("scripts")
    server = ForkedServer(folder / "data", "--web", "--no-browser").start()
    try:
        run_in_thread(post_lines(server.address, "Noor", CUNEIFORM, *LINES_BY_SCRIPT.values()))
        yield server
    finally:
        server.kill_if_running()


class FontVisitor:
    """Somebody who opens the room in which every line was said, and what they see there."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int], blank: bool) -> None:
        viewport = {"width": size[0], "height": size[1]}
        # A Japanese reader has Japanese shapes. With a worker each answer would count twice.
        self.context = browser.new_context(
            viewport=viewport,  # type: ignore[arg-type]
            locale="ja",
            service_workers="block",
        )
        self.tab = Tab(self.context, address)
        self.font_responses: list[Response] = []
        self.tab.page.on("response", lambda answer: self._record_response(answer))
        if blank:
            font = assets_folder() / "fonts" / "blank.woff2"
            self.tab.page.route("**/fonts/noto*/**", lambda route: route.fulfill(path=font))
        self.name = f"{'blank' if blank else 'scripts'}-{size[0]}"
        self.tab.opens(f"/chat?username={self.name}").waits_for_text(LINES_BY_SCRIPT["emoji"])
        self.tab.until(lambda: self.families() >= FONT_FAMILIES, seconds=30)

    def families(self) -> set[str]:
        """Of which fonts pieces came."""
        return {answer.url.split("/fonts/")[1].split("/")[0] for answer in self.font_responses}

    def assert_no_more_requests(self) -> None:
        """No font is asked for any more."""
        self.tab.page.wait_for_timeout(1500)
        before = len(self.font_responses)
        self.tab.page.wait_for_timeout(1500)
        assert len(self.font_responses) == before

    def rows(self) -> dict[str, Image.Image]:
        """What is painted where the lines are."""
        # Without a screen a frame may be left out until something moves.
        self.tab.page.mouse.move(1, time.monotonic() % 2)
        with Image.open(self.tab.takes_screenshot(self.name)) as picture:
            return {each: self._row(line, picture) for each, line in LINES_BY_SCRIPT.items()}

    def _row(self, line: str, picture: Image.Image) -> Image.Image:
        box = self.tab.page.locator("flt-semantics", has_text=line).last.bounding_box()
        assert box is not None
        bottom = int(box["y"] + box["height"])
        # Beside the picture of the author, and the three dots.
        left, right = int(box["x"]) + 60, int(box["x"] + box["width"])
        row = picture.convert("RGB").crop((left, bottom - 24, right, bottom))
        background = Image.new("RGB", row.size, row.getpixel((0, 0)))
        # Without the margin.
        return row.crop(ImageChops.difference(row, background).getbbox())

    def _record_response(self, answer: Response) -> None:
        if "/fonts/noto" in answer.url:
            self.font_responses.append(answer)


def count_coloured_pixels(picture: Image.Image) -> int:
    """How many pixels are neither grey nor nearly so."""
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
        # Both anew: in both a list may have moved, and the tree follows the picture a little later.
        boxes.update(blank.rows())
        rows = ann.rows()
        same = {each for each in LINES_BY_SCRIPT if rows[each].tobytes() == boxes[each].tobytes()}
        # Roboto draws these two.
        return same == {"Russian", "Greek"} and count_coloured_pixels(rows["emoji"]) > 300

    ann.tab.until(readable, seconds=90)
    assert count_coloured_pixels(boxes["emoji"]) < 10
    pieces = [answer for answer in ann.font_responses if "cuneiform" not in answer.url]
    sizes = [int(piece.headers["content-length"]) for piece in pieces]
    assert 15 <= len(sizes) <= 40, "of more than five hundred"
    assert sum(sizes) < 2_500_000
    assert min(sizes) > 1000, "none is blank"
    # What the chat has not is asked for once as well, however often the screen is drawn.
    ann.tab.posts("and more")
    ann.tab.waits_for_text("and more")
    ann.assert_no_more_requests()
    assert ann.families() == FONT_FAMILIES | {"notosanscuneiform"}
    asked = Counter(answer.url for answer in ann.font_responses)
    assert set(asked.values()) == {1}
    assert {answer.status for answer in ann.font_responses} == {200}
    assert (ann.tab.foreign_requests, ann.tab.page_errors) == ([], [])
    for each in (ann, blank):
        each.context.close()
