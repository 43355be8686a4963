"""Attachments: the upload tray above the field, the message rows, and refused files."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.control_tree import Control, find_controls, is_quote
from tests.harness.uploader import make_picture, stored_files
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until


def timeline_images(user: ChatUser) -> list[Control]:
    """The pictures in the timeline."""
    return [each for each in user.find("Image") if "/pictures/" in str(each.get("src"))]


def image_labels(user: ChatUser) -> list[str]:
    """The labels of these pictures for screen readers."""
    return [str(each.get("semantics_label")) for each in timeline_images(user)]


def progress_bars(user: ChatUser) -> list[Control]:
    """The progress bars of running uploads."""
    return [each for each in user.find("ProgressBar") if each.get("visible") is not False]


def is_button_disabled(user: ChatUser, tooltip: str) -> bool:
    """Whether the last button with this tooltip is disabled."""
    return bool(user.find("IconButton", tooltip=tooltip)[-1].get("disabled"))


def clickable_around(within: Control, kind: str) -> list[Control]:
    """The clickable containers in a control that hold a control of this kind."""
    containers: list[Control] = []

    def walk(value: object, outer: Control | None) -> None:
        if isinstance(value, dict):
            if value.get("_c") == kind and outer is not None:
                containers.append(outer)
            outer = value if value.get("_c") == "Container" and value.get("on_click") else outer
            for inner in value.values():
                walk(inner, outer)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, outer)

    walk(within, None)
    return containers


async def test_three_pictures_with_a_caption_reach_both_people(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.page_script.chooses_files(*((f"hill{n}.png", make_picture()) for n in (1, 2, 3)))
    await ann.until(lambda: not progress_bars(ann) and ann.sees("hill3.png"))
    await ann.composer.posts("from the walk")
    await bob.timeline.waits_for_message("from the walk")
    for person in (ann, bob):
        await person.until(lambda user=person: len(timeline_images(user)) == 3)  # type: ignore[misc]
        assert image_labels(person) == [
            "Picture hill1.png",
            "Picture hill2.png",
            "Picture hill3.png",
        ]
    assert not progress_bars(ann)
    row = bob.timeline.row("from the walk")
    assert row is not None
    await bob.fires(clickable_around(row, "Image")[0], "click")
    await bob.waits_for_partial_text("1 of 3")
    await bob.until(lambda: not is_button_disabled(bob, "Next picture"))
    await bob.clicks("Next picture")
    await bob.waits_for_partial_text("2 of 3")
    shown = await bob.http_get(str(timeline_images(bob)[0]["src"]))
    assert shown.headers["content-type"] == "image/jpeg"
    signed_out = await new_user()
    assert (await signed_out.http_get(str(timeline_images(bob)[0]["src"]))).status_code == 404


async def test_enter_during_an_upload_sends_only_when_the_files_are_complete(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    ann.page_script.uploads_allowed.clear()
    data = bytes(300_000)
    (number,) = await ann.page_script.chooses_files(("tape.bin", data))
    await ann.until(lambda: number in ann.page_script.upload_urls)
    resume = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield data[:150_000]
        await resume.wait()
        yield data[150_000:]

    upload = asyncio.create_task(ann.http_put(ann.page_script.upload_urls[number], slow_body()))
    await ann.waits_for_text("146 KiB of 293 KiB")
    assert b"tape.bin" not in bob.received
    assert progress_bars(ann)[0]["value"] == 0.5
    await ann.composer.types("listen")
    await ann.composer.sends()
    await ann.waits_for_text("Your message is sent as soon as the files are here.")
    assert ann.composer.text == "listen"
    resume.set()
    assert (await upload).status_code == 200
    await bob.timeline.waits_for_message("listen")
    await ann.until(lambda: ann.composer.text == "" and not progress_bars(ann))
    assert bob.sees_partial("tape.bin")


async def test_typing_on_during_an_upload_cancels_the_queued_send(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ann.page_script.uploads_allowed.clear()
    await ann.page_script.chooses_files(("a.txt", b"words"))
    await ann.until(lambda: ann.page_script.upload_urls)
    await ann.composer.types("this")
    await ann.composer.sends()
    waiting_notice = "Your message is sent as soon as the files are here."
    await ann.waits_for_text(waiting_notice)
    await ann.composer.types("this and that")
    await ann.until(lambda: not ann.sees(waiting_notice))
    ann.page_script.uploads_allowed.set()
    await ann.until(lambda: not progress_bars(ann))
    assert ann.composer.text == "this and that"
    await ann.composer.sends()
    await ann.timeline.waits_for_message("this and that")


async def test_refused_files_do_not_block_the_valid_ones(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    limit = chat.workspace.uploads.limits.file_bytes
    await ann.page_script.chooses_files(("good.txt", b"good"))
    await ann.page_script.reports_files(
        [[91, "film.mkv", limit + 1], [92, "nothing", 0], [93, "music", -1]]
    )
    await ann.waits_for_text(
        "This file is too large: 25 MiB fit. Make it smaller, or send a part of it."
    )
    await ann.waits_for_text("This file is empty. Choose another one.")
    await ann.waits_for_text("A folder cannot be sent. Choose the files that are in it.")
    await ann.until(lambda: ann.page_script.forgotten_files == [91, 92, 93])
    await ann.until(lambda: not progress_bars(ann))
    await ann.composer.sends()
    await ann.until(lambda: "Download good.txt" in tooltips(ann))
    assert ann.sees("film.mkv")
    await ann.clicks("Remove film.mkv")
    await ann.until(lambda: not ann.sees("film.mkv"))


def tooltips(user: ChatUser) -> list[str]:
    """The tooltips of all containers on the screen."""
    return [str(each.get("tooltip")) for each in user.find("Container")]


async def test_removing_a_file_from_the_tray_cancels_its_upload(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    ann.page_script.uploads_allowed.clear()
    (number,) = await ann.page_script.chooses_files(("long.bin", bytes(100_000)))
    await ann.until(lambda: number in ann.page_script.upload_urls)
    await ann.clicks("Remove long.bin")
    await ann.until(lambda: number in ann.page_script.forgotten_files and not ann.sees("long.bin"))
    assert (
        await ann.http_put(ann.page_script.upload_urls[number], bytes(100_000))
    ).status_code == 404


async def test_pending_files_stay_with_the_room_they_were_chosen_in(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.page_script.chooses_files(("plan.pdf", b"%PDF-"))
    await ann.until(lambda: ann.sees("plan.pdf") and not progress_bars(ann))
    await ann.rooms_dialog.creates_room("Garden")
    await ann.until(lambda: not ann.sees("plan.pdf"))
    await ann.sidebar.opens_room("Lobby")
    await ann.waits_for_text("plan.pdf")
    await ann.reloads("/room/lobby")
    await ann.waits_for_text("plan.pdf")
    await ann.composer.sends()
    await ann.until(lambda: "Download plan.pdf" in tooltips(ann))


async def test_upload_that_the_client_cannot_send_shows_an_error(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    ann.page_script.uploads_allowed.clear()
    (number,) = await ann.page_script.chooses_files(("gone.txt", b"gone"))
    await ann.until(lambda: number in ann.page_script.upload_urls)
    await ann.page_script.reports_files(number)
    await ann.waits_for_text("This file did not come. Choose it once more.")
    await ann.page_script.chooses_files(("other.txt", b"other"))
    await ann.until(lambda: ann.sees("other.txt") and not ann.sees("gone.txt"))
    # A reload ends the upload of the second file.
    await ann.reloads("/room/lobby")
    await ann.waits_for_text("This file did not come. Choose it once more.")


async def test_files_beyond_ten_per_message_are_refused(new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await ann.page_script.chooses_files(*((f"{n}.txt", b"some") for n in range(12)))
    await ann.waits_for_text("10 files fit in one message. Send the others in another one.")
    await ann.until(lambda: ann.sees("9.txt") and not progress_bars(ann))
    assert not ann.sees("10.txt")
    await ann.composer.sends()
    await ann.until(lambda: tooltips(ann).count("Download 9.txt") == 1)


async def test_file_downloads_and_picture_opens_in_a_gallery_with_neighbours(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for n in (1, 2):
        await ann.page_script.chooses_files(
            (f"view{n}.png", make_picture()), ("notes.txt", b"notes")
        )
        await ann.until(lambda: not progress_bars(ann) and ann.sees("notes.txt"))
        await ann.composer.posts(f"number {n}")
    await bob.until(lambda: len(timeline_images(bob)) == 2)
    row = bob.timeline.row("number 2")
    assert row is not None
    await bob.fires(clickable_around(row, "Text")[-1], "click")
    await bob.until(lambda: bob.page_script.download_urls)
    response = await bob.http_get(bob.page_script.download_urls[0])
    assert response.content == b"notes"
    assert response.headers["content-disposition"].startswith("attachment")
    await bob.fires(clickable_around(row, "Image")[0], "click")
    await bob.waits_for_text("view2.png")
    assert any("/large" in str(each["src"]) for each in bob.find("Image"))
    await bob.until(lambda: not is_button_disabled(bob, "Previous picture"))
    await bob.until(lambda: is_button_disabled(bob, "Next picture"))
    await bob.clicks("Previous picture")
    await bob.waits_for_text("view1.png")
    await bob.fires(bob.find("KeyboardListener")[0], "key_down", {"key": "Arrow Right"})
    await bob.waits_for_text("view2.png")
    await bob.clicks("Download")
    await bob.until(
        lambda: (
            len(bob.page_script.download_urls) == 2
            and "view2.png" in bob.page_script.download_urls[1]
        )
    )


async def test_archived_room_accepts_no_attachments(new_user: NewUser, chat: ChatServer) -> None:
    ann = await new_user("Ann")
    await ann.until(lambda: ann.page_script.accepts_files)
    await ann.rooms_dialog.creates_room("Garden")
    workspace = chat.workspace
    (owner,) = await workspace.all_people()
    garden = await workspace.rooms.by_slug(owner, "garden")
    await workspace.rooms.set_archived(owner, garden, archived=True)
    await ann.until(lambda: not ann.page_script.accepts_files)
    await ann.page_script.chooses_files(("late.txt", b"late"))
    await ann.clicks("Search messages")
    await ann.until(lambda: ann.dialog.is_open)
    assert not ann.sees("late.txt")


async def test_avatar_change_and_removal_are_shown_to_everyone_at_once(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.composer.posts("this is me")
    await bob.timeline.waits_for_message("this is me")
    await ann.opens_profile_editor()
    await ann.clicks("Change your picture")
    await ann.waits_for_text("Your picture")
    await ann.page_script.chooses_files(("notes.txt", b"no picture"))
    await ann.waits_for_text("This picture cannot be shown. Choose a JPEG, PNG, GIF or WebP file.")
    await ann.page_script.chooses_files(("me.png", make_picture()))
    await ann.clicks("Save")
    for person in (ann, bob):
        await person.until(lambda user=person: len(avatar_urls(user)) > 1)  # type: ignore[misc]
    # Back to the profile.
    await ann.waits_for_text("Others see when I was here last")
    assert not ann.sees("Your picture")
    await ann.dialog.clicks("Cancel")
    assert (await bob.http_get(avatar_urls(bob)[0])).headers["content-type"].startswith("image/")
    new_tab = await new_user(like=bob)
    await new_tab.timeline.waits_for_message("this is me")
    assert avatar_urls(new_tab) == avatar_urls(bob)
    for beginning in ("@a", "/invite a"):
        count = len(avatar_urls(bob))
        await bob.composer.waits_for_completions(beginning, "Ann*")
        await bob.until(lambda count=count: len(avatar_urls(bob)) == count + 1)  # type: ignore[misc]
        await bob.composer.waits_for_completions("")
    await ann.opens_profile_editor()
    await ann.clicks("Change your picture")
    await ann.clicks("Remove the picture")
    for person in (ann, bob):
        await person.until(lambda user=person: not avatar_urls(user))  # type: ignore[misc]


async def uploads_picture(user: ChatUser, width: int, height: int) -> None:
    """Open the dialog of the picture, and upload one of this size."""
    await user.opens_profile_editor()
    await user.clicks("Change your picture")
    await user.waits_for_text("Your picture")
    await user.page_script.chooses_files(("me.png", make_picture(width, height)))
    await user.waits_for_text("Choose another")


def shown_part(user: ChatUser) -> tuple[float, float, float]:
    """How far the picture is beyond the left and the upper edge of its frame, and its width."""
    (picture,) = [
        each
        for each in user.find("Container")
        if str((each.get("content") or {}).get("src")).startswith("/crop/")
    ]
    return -picture["left"], -picture["top"], picture["width"]


async def drags(user: ChatUser, right: float, down: float) -> None:
    """Drag the picture in its frame."""
    (detector,) = user.find("GestureDetector", mouse_cursor="move")
    for event, x, y in (("pan_start", 90.0, 80.0), ("pan_update", 90.0 + right, 80.0 + down)):
        place = {"x": x, "y": y}
        await user.fires(detector, event, {"l": place, "g": place, "k": "mouse"})


async def test_person_moves_and_enlarges_the_picture_in_a_round_frame(
    tmp_path: Path, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    await uploads_picture(ann, 1000, 500)
    # First its middle, as high as the frame.
    assert shown_part(ann) == (128, 0, 512)
    await drags(ann, -64, 30)
    await ann.until(lambda: shown_part(ann) == (192, 0, 512))
    # It is never moved beyond its edge.
    await drags(ann, -5000, 0)
    await ann.until(lambda: shown_part(ann) == (256, 0, 512))
    (slider,) = ann.find("Slider")
    await ann.sets(slider, value=2.0)
    await ann.fires(slider, "change", 2.0)
    await ann.until(lambda: shown_part(ann) == (640, 128, 1024))
    await ann.clicks("Move the frame up")
    await ann.until(lambda: shown_part(ann)[1] < 128)
    # A client that reports anything else moves nothing, or within the picture.
    for value in (-7.0, 1e9, float("nan"), "2"):
        await ann.sets(slider, value=value)
        await ann.fires(slider, "change", value)
    await drags(ann, float("nan"), 0)
    await ann.sets(slider, value=2.0)
    await ann.fires(slider, "change", 2.0)
    await ann.until(lambda: shown_part(ann)[2] == 1024)
    await ann.clicks("Save")
    await ann.until(lambda: avatar_urls(ann))
    assert ann.crashes == []
    await wait_until(lambda: len(stored_files(tmp_path / "data")) == 1)


async def test_picture_that_is_not_saved_is_deleted(tmp_path: Path, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    await uploads_picture(ann, 300, 300)
    assert len(stored_files(tmp_path / "data")) == 1
    await ann.dialog.clicks("Close")
    await ann.waits_for_text("Others see when I was here last")
    await wait_until(lambda: stored_files(tmp_path / "data") == [])
    # Escape is the same.
    await uploads_picture_again(ann)
    await ann.page_script.presses("escape outside of the field")
    await wait_until(lambda: stored_files(tmp_path / "data") == [])
    assert not avatar_urls(ann)


async def uploads_picture_again(user: ChatUser) -> None:
    """As `uploads_picture`, from the open profile."""
    await user.clicks("Change your picture")
    await user.waits_for_text("Your picture")
    await user.page_script.chooses_files(("me.png", make_picture(300, 200)))
    await user.waits_for_text("Choose another")


def avatar_urls(user: ChatUser) -> list[str]:
    """The URLs of the avatars on the screen."""
    urls = [each.get("foreground_image_src") for each in user.find("CircleAvatar")]
    return [str(url) for url in urls if url]


async def test_message_without_text_is_labelled_by_its_first_file(new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.page_script.chooses_files(("sunset.png", make_picture()))
    await ann.until(lambda: ann.sees("sunset.png") and not progress_bars(ann))
    await ann.composer.sends()
    # (On a phone the menu begins with the message.)
    await bob.resizes(390)
    await bob.until(lambda: timeline_images(bob))
    row = bob.timeline.rows[0]
    avatars = [each for each in clickable_around(row, "CircleAvatar") if each.get("width")]
    await bob.fires(avatars[-1], "click")
    await bob.waits_for_text("Reply")
    assert bob.sees_partial("Picture: sunset.png")
    _, in_dialog = timeline_images(bob)
    assert (await bob.http_get(str(in_dialog["src"]))).headers["content-type"] == "image/jpeg"


async def test_tray_thumbnail_is_visible_to_its_sender_only_until_sent(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await ann.page_script.chooses_files(("sunset.png", make_picture()), ("notes.txt", b"words"))
    await ann.until(lambda: timeline_images(ann))
    (thumbnail_url,) = (str(each["src"]) for each in timeline_images(ann))
    shown = await ann.http_get(thumbnail_url)
    assert shown.headers["content-type"] == "image/jpeg"
    assert (await bob.http_get(thumbnail_url)).status_code == 404
    await ann.composer.posts("as it was")
    await bob.timeline.waits_for_message("as it was")
    # The row has the URL of the tray, so that the browser does not fetch the picture again.
    await ann.until(lambda: [each["src"] for each in timeline_images(ann)] == [thumbnail_url])
    assert (await bob.http_get(thumbnail_url)).content == shown.content


async def test_quote_of_a_message_without_text_shows_thumbnail_or_file_icon(
    new_user: NewUser,
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await post_and_quote_file(ann, bob, "sunset.png", make_picture(), "Image")
    await post_and_quote_file(ann, bob, "notes.txt", b"words", "Icon")


async def post_and_quote_file(
    ann: ChatUser, bob: ChatUser, name: str, data: bytes, preview_kind: str
) -> None:
    """Ann sends a file without a text, and Bob quotes the message."""
    await ann.page_script.chooses_files((name, data))
    await ann.until(lambda: ann.sees(name) and not progress_bars(ann))
    await ann.composer.sends()
    await bob.until(lambda: name in str(bob.timeline.rows[0]))
    avatars = find_controls(bob.timeline.rows[0], "Container", {"width": 36, "on_click": True})
    await bob.fires(avatars[0], "click")
    await bob.clicks("Reply")
    await bob.waits_for_text(f"Replying to Ann: {name}")
    await bob.composer.posts(f"about {name}")
    for person in (ann, bob):
        await person.timeline.waits_for_message(f"about {name}")
        row = person.timeline.row(f"about {name}") or {}
        assert person.timeline.quote_in(f"about {name}") == f"Ann {name}"
        (quote,) = filter(is_quote, find_controls(row, "Container", {}))
        assert find_controls(quote, preview_kind, {})
