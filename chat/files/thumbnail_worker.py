"""The program that opens pictures: a process of its own, which can touch nothing else.

It reads a picture from its input and writes one line of JSON and then the thumbnails to its
output. `chat/files/thumbnails.py` starts it for one picture, so that the damage ends with it.
"""

import contextlib
import io
import json
import os
import sys
import warnings

from PIL import Image, ImageCms, ImageFile, ImageOps

# All others are files like any other. EPS would start a program, TIFF and PSD have many corners.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")

_SMALL, _LARGE, _SQUARE = 480, 2048, 256
_QUALITY = 85

# EXIF 2.3, 4.6.4.
_ORIENTATION, _ON_ITS_SIDE = 0x0112, {5, 6, 7, 8}


class TooLarge(Exception):
    """It has more pixels than are wanted."""


def main(job: str, pixels: int) -> None:
    """Make the `views` or the `avatar` of the picture that comes in."""
    _give_up_rights()
    data = sys.stdin.buffer.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told, views = _made(data, job, pixels)
    except TooLarge:
        told, views = {"refusal": "too large"}, []
    except Exception as failure:
        # Pillow raises nearly everything for a picture that is damaged.
        told, views = {"refusal": type(failure).__name__}, []
    told["sizes"] = [len(each) for each in views]
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + b"".join(views))
    sys.stdout.buffer.flush()


def _give_up_rights() -> None:
    """Let everything else go first; and limits that cannot be raised again. Windows has neither."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, 1024 * 1024 * 1024),
        (resource.RLIMIT_CPU, 20),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _made(data: bytes, job: str, pixels: int) -> tuple[dict[str, object], list[bytes]]:
    # What is cut off is damaged: a grey half is no picture.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # The size is asked below, before anything is unpacked.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > pixels:
            raise TooLarge
        if opened.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE:
            width, height = height, width
        turned = _upright(opened, 2 * _SQUARE if job == "avatar" else _LARGE)
    if job == "avatar":
        square = ImageOps.fit(turned, (_SQUARE, _SQUARE), Image.Resampling.LANCZOS)
        pictures = [square]
        width = height = _SQUARE
    else:
        large = _within(turned, _LARGE, width, height)
        pictures = [_within(large, _SMALL, width, height), large]
    kind = "image/webp" if turned.mode == "RGBA" else "image/jpeg"
    views = [_packed(each, kind) for each in pictures]
    return {"kind": kind, "width": width, "height": height}, views


def _upright(opened: Image.Image, enough: int) -> Image.Image:
    """The first frame in plain colours, turned as the camera was held, without any other word."""
    # A JPEG is unpacked no larger than it is needed.
    opened.draft("RGB", (enough, enough))
    profile = opened.info.get("icc_profile")
    turned = ImageOps.exif_transpose(opened)
    clear = turned.has_transparency_data
    if profile and turned.mode in {"RGB", "CMYK"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            turned = _in_srgb(turned, profile)
    if turned.mode.startswith("I;16") or turned.mode in {"I", "F"}:
        # 16 bits a pixel: the upper ones are what a screen shows.
        turned = turned.convert("I").point(lambda value: value / 256).convert("L")
    if not clear:
        return turned.convert("RGB")
    turned = turned.convert("RGBA")
    return turned.convert("RGB") if turned.getextrema()[-1] == (255, 255) else turned


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    wide = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    plain = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(picture, wide, plain, outputMode="RGB") or picture


def _within(picture: Image.Image, longest: int, width: int, height: int) -> Image.Image:
    """A smaller copy; `width` and `height` are the picture's own, from which its shape follows."""
    most = max(width, height)
    if most <= longest:
        return picture
    size = max(1, round(width * longest / most)), max(1, round(height * longest / most))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)


def _packed(picture: Image.Image, kind: str) -> bytes:
    """The bytes of a new picture: nothing of the old one's file is in it."""
    packed = io.BytesIO()
    plain = Image.new(picture.mode, picture.size)
    plain.paste(picture)
    if kind == "image/webp":
        plain.save(packed, "WEBP", quality=_QUALITY, method=3)
    else:
        plain.convert("RGB").save(packed, "JPEG", quality=_QUALITY, progressive=True)
    return packed.getvalue()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
