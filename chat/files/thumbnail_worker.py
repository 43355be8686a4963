"""The program that decodes pictures, as a process with limited rights.

It reads a picture from its input and writes one line of JSON and then the thumbnails to its
output. `chat/files/thumbnails.py` starts one process for each picture.
"""

import contextlib
import io
import json
import os
import sys
import warnings
from pathlib import Path

# Some are needed by few pictures only, and imported here: later no file can be opened.
from PIL import (
    Image,
    ImageCms,
    ImageColor,
    ImageFile,
    ImageFilter,
    ImageOps,
    ImagePalette,
    MpoImagePlugin,
    TiffImagePlugin,
)

PRELOADED = (ImageColor, ImageFilter, ImagePalette, MpoImagePlugin, TiffImagePlugin)

# Other formats are sent as files. EPS would start a program; TIFF and PSD are complicated.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")

# A small picture of each, which lets Pillow import what it opens them with.
_SAMPLES = {"JPEG": "RGB", "PNG": "RGBA", "GIF": "P", "WEBP": "RGBA"}

_QUALITY = 85

# EXIF 2.3, 4.6.4.
_ORIENTATION, _ROTATED = 0x0112, {5, 6, 7, 8}


class TooManyPixels(Exception):
    """The picture has too many pixels."""


def main(job: str, max_pixels: int, max_seconds: int, numbers: tuple[int, ...]) -> None:
    """Make the "thumbnails", the "source" of an avatar or the "avatar" (`job`) of the picture on
    the input.

    `numbers` are the longer sides of the thumbnails or of the source; or the side of the square
    avatar, and the left edge, the upper edge and the side of the part that it shows; in pixels. A
    picture of more than `max_pixels` is refused, and the process ends after `max_seconds` of
    processor time. It reads nothing before it has given up its rights.
    """
    restrictions = _drop_privileges(max_seconds)
    data = sys.stdin.buffer.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header, images = _make_thumbnails(data, job, max_pixels, numbers)
    except TooManyPixels:
        header, images = {"refusal": "too large"}, []
    except Exception as failure:
        # Pillow raises nearly any exception for a damaged picture.
        header, images = {"refusal": type(failure).__name__}, []
    header["restrictions"] = restrictions
    header["sizes"] = [len(each) for each in images]
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + b"".join(images))
    sys.stdout.buffer.flush()


def _drop_privileges(max_seconds: int) -> list[str]:
    """Lower the priority, and set limits that cannot be raised again; not on Windows.

    Returns the names of what else the system can deny.
    """
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    try:
        import resource
    except ImportError:
        return []
    # Imported here: the program that is started by its path has to find the package first.
    from chat.files.sandbox import enter_sandbox

    for name, mode in _SAMPLES.items():
        sample = io.BytesIO()
        Image.new(mode, (2, 2)).save(sample, name)
        _make_thumbnails(sample.getvalue(), "thumbnails", 4, (1, 2))
    for resource_id, maximum in (
        (resource.RLIMIT_AS, 1024 * 1024 * 1024),
        (resource.RLIMIT_CPU, max_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource_id, (maximum, maximum))
    restrictions = enter_sandbox()
    if "seccomp" not in restrictions:
        # No child processes. (On Linux threads count as well.)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return restrictions


def _make_thumbnails(
    data: bytes, job: str, max_pixels: int, numbers: tuple[int, ...]
) -> tuple[dict[str, object], list[bytes]]:
    # A truncated picture is an error, not a half grey picture.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # The size is checked below, before anything is decoded.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > max_pixels:
            raise TooManyPixels
        if opened.getexif().get(_ORIENTATION, 1) in _ROTATED:
            width, height = height, width
        # The numbers of an avatar are places in the whole picture.
        picture = _upright(opened, max(opened.size) if job == "avatar" else max(numbers))
    if job == "avatar":
        side, left, top, crop_side = numbers
        part = picture.crop((left, top, left + crop_side, top + crop_side))
        pictures = [part.resize((side, side), Image.Resampling.LANCZOS)]
        width = height = side
    elif job == "source":
        pictures = [_scale_within(picture, numbers[0], width, height)]
        width, height = pictures[0].size
    else:
        # The smaller ones are made of the larger.
        pictures = []
        for side in sorted(numbers, reverse=True):
            picture = _scale_within(picture, side, width, height)
            pictures.insert(0, picture)
    media_type = "image/webp" if picture.mode == "RGBA" else "image/jpeg"
    images = [_encode(each, media_type) for each in pictures]
    return {"kind": media_type, "width": width, "height": height}, images


def _upright(opened: Image.Image, max_side: int) -> Image.Image:
    """The first frame in plain colours, rotated upright, without metadata."""
    # A JPEG is decoded no larger than needed.
    opened.draft("RGB", (max_side, max_side))
    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(opened)
    has_transparency = picture.has_transparency_data
    if profile and picture.mode in {"RGB", "CMYK"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            picture = _to_srgb(picture, profile)
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        # Of 16 bits a pixel a screen shows the upper ones.
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if not has_transparency:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    return picture.convert("RGB") if picture.getextrema()[-1] == (255, 255) else picture


def _to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    source_profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    srgb_profile = ImageCms.createProfile("sRGB")
    return (
        ImageCms.profileToProfile(picture, source_profile, srgb_profile, outputMode="RGB")
        or picture
    )


def _scale_within(picture: Image.Image, max_side: int, width: int, height: int) -> Image.Image:
    """A smaller copy in the shape of the original `width` and `height`."""
    longer_side = max(width, height)
    if longer_side <= max_side:
        return picture
    size = (
        max(1, round(width * max_side / longer_side)),
        max(1, round(height * max_side / longer_side)),
    )
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)


def _encode(picture: Image.Image, media_type: str) -> bytes:
    """The bytes of a new picture, with nothing of the original file."""
    output = io.BytesIO()
    plain = Image.new(picture.mode, picture.size)
    plain.paste(picture)
    if media_type == "image/webp":
        plain.save(output, "WEBP", quality=_QUALITY, method=3)
    else:
        plain.convert("RGB").save(output, "JPEG", quality=_QUALITY, progressive=True)
    return output.getvalue()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), tuple(map(int, sys.argv[4:])))
