"""Files in Chromium: chosen, dropped, pasted, shown in the gallery, and downloaded."""

import base64
import io
import os
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.harness.browser import DESKTOP, PHONE, Tab
from tests.harness.process import ServerProcess

_DRAG_JS = """(kind) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(5000).fill(7)], "dropped.bin"));
  const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""

_PASTE_JS = """(bytes) => {
  const transfer = new DataTransfer();
  const data = Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0));
  transfer.items.add(new File([data], "image.png", { type: "image/png" }));
  const options = { clipboardData: transfer, bubbles: true, cancelable: true };
  const event = new ClipboardEvent("paste", options);
  document.activeElement.dispatchEvent(event);
}"""


def landscape(path: Path, hue: int, width: int = 1600, height: int = 1000) -> Path:
    """Draw a picture of hills, for the screenshots."""
    image = Image.new("HSV", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        draw.line((0, y, width, y), (hue, 140 - y * 80 // height, 150 + y * 100 // height))
    for n in range(5):
        top = height * (5 + n) // 11
        middle = width * (2 * n % 5 + 1) // 6
        ends = (middle - width // 2, height), (middle, top), (middle + width // 2, height)
        draw.polygon(ends, (hue + 90 - 8 * n, 120 + 20 * n, 170 - 26 * n))
    image.convert("RGB").save(path)
    return path


def choose_files(page: Page, *paths: Path) -> None:
    """Choose files with the menu of the composer."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add to your message").click()
        page.get_by_role("button", name="Files", exact=True).click()
    chooser.value.set_files(list(paths))


def wide_and_phone_contexts(browser: Browser) -> tuple[BrowserContext, BrowserContext]:
    """A wide window in the light theme, and a phone in the dark theme."""
    wide, phone = (ViewportSize(width=size[0], height=size[1]) for size in (DESKTOP, PHONE))
    return (
        browser.new_context(viewport=wide, color_scheme="light", locale="en-GB"),
        browser.new_context(viewport=phone, color_scheme="dark", locale="en-GB"),
    )


def test_two_people_send_view_and_download_files(
    browser: Browser, server: ServerProcess, tmp_path: Path
) -> None:
    ann_context, bob_context = wide_and_phone_contexts(browser)
    ann = Tab(ann_context, server.address).opens_as("Ann")
    bob = Tab(bob_context, server.address).opens_as("Bob")
    ann.page.bring_to_front()
    hills = [landscape(tmp_path / f"hills {n}.jpg", 130 + 30 * n) for n in range(3)]
    too_large = tmp_path / "film.mkv"
    too_large.write_bytes(b"")
    os.truncate(too_large, 26 * 1024 * 1024)
    # A slow upload, so that the tray shows its progress.
    devtools = ann_context.new_cdp_session(ann.page)
    devtools.send("Network.enable")
    slow = {"offline": False, "latency": 20, "uploadThroughput": 60_000, "downloadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", slow)
    choose_files(ann.page, *hills, too_large)
    ann.until(ann.page.get_by_text("This file is too large").is_visible)
    ann.until(lambda: any("KiB of" in leaf for leaf in ann.semantics_leaves))
    ann.takes_screenshot("files-tray")
    fast = slow | {"latency": 0, "uploadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", fast)
    devtools.send("Network.disable")
    devtools.detach()
    ann.until(lambda: not any("iB of" in leaf for leaf in ann.semantics_leaves), 20)
    ann.composer.click()
    ann.page.keyboard.type("The hills, this morning")
    expect(ann.composer).to_have_value("The hills, this morning")
    ann.page.keyboard.press("Enter")
    for person, name in ((ann, "wide-light"), (bob, "phone-dark")):
        picture = person.page.get_by_label("Picture hills 2.jpg")
        person.until(picture.is_visible)
        person.page.mouse.move(500, 300)
        person.waits_until_stable()
        person.takes_screenshot(f"files-{name}")
    # A file is dropped on the window, and a picture is pasted.
    ann.page.evaluate(_DRAG_JS, "dragover")
    ann.until(ann.page.get_by_text("Drop the files to send them").is_visible)
    ann.takes_screenshot("files-drop")
    ann.page.evaluate(_DRAG_JS, "drop")
    pasted = io.BytesIO()
    Image.linear_gradient("L").save(pasted, "PNG")
    ann.composer.click()
    ann.page.evaluate(_PASTE_JS, base64.b64encode(pasted.getvalue()).decode())
    ann.until(ann.page.get_by_label("Remove image.png").is_visible)
    ann.until(lambda: not any("iB of" in leaf for leaf in ann.semantics_leaves))
    ann.page.keyboard.press("Enter")
    file_row = bob.page.locator("flt-semantics-host").get_by_text("dropped.bin")
    bob.until(file_row.is_visible)
    # The gallery shows the large picture, and the next ones.
    bob.page.bring_to_front()
    bob.page.get_by_label("Picture hills 0.jpg").click()
    bob.until(bob.page.get_by_role("button", name="Next picture").is_enabled)
    bob.waits_until_stable()
    bob.takes_screenshot("files-large-phone")
    bob.page.get_by_role("button", name="Next picture").click()
    bob.until(bob.page.get_by_label("Picture hills 1.jpg").is_visible)
    bob.page.keyboard.press("ArrowRight")
    bob.until(bob.page.get_by_label("Picture hills 2.jpg").is_visible)
    with bob.page.expect_download() as download:
        bob.page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "hills 2.jpg"
    assert Path(download.value.path()).read_bytes() == hills[2].read_bytes()
    bob.page.get_by_role("button", name="Close", exact=True).click()
    with bob.page.expect_download() as download:
        file_row.click()
    assert download.value.suggested_filename == "dropped.bin"
    assert Path(download.value.path()).read_bytes() == bytes([7]) * 5000
    for person in (ann, bob):
        assert person.foreign_requests == []
        assert person.page_errors == []
    ann_context.close()
    bob_context.close()


def test_person_chooses_the_part_of_their_picture(
    browser: Browser, server: ServerProcess, tmp_path: Path
) -> None:
    ann_context, _ = wide_and_phone_contexts(browser)
    ann = Tab(ann_context, server.address).opens_as("Ann")
    page = ann.page
    page.get_by_role("button", name="Your profile").click()
    page.get_by_role("button", name="Change your picture").last.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").click()
    # The picture in the frame is loaded from its own address.
    with page.expect_response("**/crop/*.picture") as shown:
        chooser.value.set_files([landscape(tmp_path / "me.jpg", 130)])
    assert shown.value.ok
    left, right = (
        page.get_by_role("button", name=f"Move the frame to the {side}")
        for side in ("left", "right")
    )
    box = page.get_by_role("img", name="Your picture").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 100, steps=5)
    page.mouse.move(box["x"] - 200, box["y"] + 100, steps=5)
    page.mouse.up()
    # The frame is at the right edge of the picture, as far as it goes.
    expect(right).to_be_disabled()
    expect(left).to_be_enabled()
    slider = page.get_by_role("slider")

    def enlarges() -> bool:
        # (Flutter's semantics take no key of the slider for a moment after the mouse was used.)
        slider.press("ArrowRight")
        return right.is_enabled()

    ann.until(enlarges)
    save = page.get_by_role("button", name="Save")
    with page.expect_response("**/avatars/*") as avatar:
        save.press("Enter")
    assert Image.open(io.BytesIO(avatar.value.body())).size == (256, 256)
    ann_context.close()
