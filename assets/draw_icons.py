"""Draw Flet Chat's icons, two speech bubbles of which one is a house, as PNG files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image, ImageChops, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]
Shape = Literal["squircle", "full"]

HERE = Path(__file__).resolve().parent

# The mark is described once, on a 100 x 100 grid; every size is drawn from it.
GRID = 100.0
CENTRE = GRID / 2
OVERSAMPLE = 8

# The gradient runs either side of the seed colour, #4F46E5.
TOP_LEFT: Colour = (0x63, 0x66, 0xF6)
BOTTOM_RIGHT: Colour = (0x43, 0x38, 0xD6)
WHITE: Colour = (0xFF, 0xFF, 0xFF)
LILAC: Colour = (0xB4, 0xBC, 0xFD)

SQUIRCLE_EXPONENT = 5.0


@dataclass(frozen=True)
class Corner:
    """One corner of an outline and the radius that rounds it."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Mark:
    """Two speech bubbles: one behind, one in front with three dots cut out."""

    back: tuple[Corner, ...]
    front: tuple[Corner, ...]
    gap: float
    dots: tuple[Point, ...]
    dot_radius: float


@dataclass(frozen=True)
class Icon:
    """One PNG to write: its place, its size and how the mark sits in it."""

    name: str
    size: int
    shape: Shape
    scale: float
    mark: Mark


# The others speak from the left, behind; your own bubble, in front, has the roof of a house.
LARGE = Mark(
    back=(
        Corner(17, 17, 13),
        Corner(66, 17, 13),
        Corner(66, 55, 13),
        Corner(31, 55, 4),
        Corner(17, 66, 2.6),
    ),
    front=(
        Corner(34, 44.5, 8),
        Corner(58.5, 30.5, 8),
        Corner(83, 44.5, 8),
        Corner(83, 84, 2.6),
        Corner(69, 72, 4),
        Corner(34, 72, 10),
    ),
    gap=4.0,
    dots=((46.5, 56), (58.5, 56), (70.5, 56)),
    dot_radius=4.0,
)

# The favicon has its own drawing: its edges fall on whole pixels when it is shown at 16 px.
PIXEL = GRID / 16
SMALL = Mark(
    back=(
        Corner(2 * PIXEL, 2 * PIXEL, 13),
        Corner(11 * PIXEL, 2 * PIXEL, 13),
        Corner(11 * PIXEL, 8 * PIXEL, 13),
        Corner(4.5 * PIXEL, 8 * PIXEL, 3),
        Corner(2 * PIXEL, 10 * PIXEL, 2),
    ),
    front=(
        Corner(5 * PIXEL, 7 * PIXEL, 6),
        Corner(9.5 * PIXEL, 4.5 * PIXEL, 7),
        Corner(14 * PIXEL, 7 * PIXEL, 6),
        Corner(14 * PIXEL, 14 * PIXEL, 2),
        Corner(11.5 * PIXEL, 11 * PIXEL, 3),
        Corner(5 * PIXEL, 11 * PIXEL, 8),
    ),
    gap=0.9 * PIXEL,
    dots=((7.5 * PIXEL, 8.5 * PIXEL), (9.5 * PIXEL, 8.5 * PIXEL), (11.5 * PIXEL, 8.5 * PIXEL)),
    dot_radius=3.8,
)

ICONS = (
    Icon("icons/icon-192.png", 192, "squircle", 1.0, LARGE),
    Icon("icons/icon-512.png", 512, "squircle", 1.0, LARGE),
    Icon("icons/icon-maskable-192.png", 192, "full", 0.88, LARGE),
    Icon("icons/icon-maskable-512.png", 512, "full", 0.88, LARGE),
    Icon("icons/apple-touch-icon-192.png", 192, "full", 1.0, LARGE),
    Icon("favicon.png", 64, "squircle", 1.0, SMALL),
)


def rounded(corners: tuple[Corner, ...], steps: int = 24) -> list[Point]:
    """Return the outline through the corners, each replaced by a circular arc."""
    points: list[Point] = []
    for index, corner in enumerate(corners):
        before, after = corners[index - 1], corners[(index + 1) % len(corners)]
        into = math.atan2(before.y - corner.y, before.x - corner.x)
        out = math.atan2(after.y - corner.y, after.x - corner.x)
        turn = math.remainder(out - into, math.tau)
        half = abs(turn) / 2
        reach = corner.radius / math.sin(half)
        middle = into + turn / 2
        centre_x = corner.x + reach * math.cos(middle)
        centre_y = corner.y + reach * math.sin(middle)
        sweep = math.copysign(math.pi / 2 - half, turn)
        for step in range(steps + 1):
            angle = middle + math.pi + sweep * (1 - 2 * step / steps)
            points.append(
                (
                    centre_x + corner.radius * math.cos(angle),
                    centre_y + corner.radius * math.sin(angle),
                )
            )
    return points


def squircle(steps: int = 720) -> list[Point]:
    """Return a superellipse that fills the grid."""
    power = 2 / SQUIRCLE_EXPONENT
    points: list[Point] = []
    for step in range(steps):
        angle = math.tau * step / steps
        cosine, sine = math.cos(angle), math.sin(angle)
        points.append(
            (
                CENTRE + CENTRE * math.copysign(abs(cosine) ** power, cosine),
                CENTRE + CENTRE * math.copysign(abs(sine) ** power, sine),
            )
        )
    return points


class Canvas:
    """Large one-channel masks in grid units, handed back at the icon's own size."""

    def __init__(self, size: int, scale: float) -> None:
        self.size = size
        self.large = size * OVERSAMPLE
        self.scale = scale

    def place(self, points: list[Point], scale: float) -> list[Point]:
        """Scale grid points about the centre and turn them into large pixels."""
        unit = self.large / GRID
        return [
            (
                (CENTRE + (x - CENTRE) * scale) * unit - 0.5,
                (CENTRE + (y - CENTRE) * scale) * unit - 0.5,
            )
            for x, y in points
        ]

    def blank(self) -> Image.Image:
        """Return an empty large mask."""
        return Image.new("L", (self.large, self.large), 0)

    def fill(self, points: list[Point], *, grow: float = 0.0, tile: bool = False) -> Image.Image:
        """Return a large mask of the outline, grown outwards by some grid units."""
        mask = self.blank()
        draw = ImageDraw.Draw(mask)
        placed = self.place(points, 1.0 if tile else self.scale)
        draw.polygon(placed, fill=255)
        if grow:
            radius = grow * self.scale * self.large / GRID
            draw.line([*placed, placed[0]], fill=255, width=round(2 * radius))
            for x, y in placed:
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        return mask

    def discs(self, centres: tuple[Point, ...], radius: float) -> Image.Image:
        """Return a large mask of equal discs."""
        mask = self.blank()
        draw = ImageDraw.Draw(mask)
        large_radius = radius * self.scale * self.large / GRID
        for x, y in self.place(list(centres), self.scale):
            box = (x - large_radius, y - large_radius, x + large_radius, y + large_radius)
            draw.ellipse(box, fill=255)
        return mask

    def shrink(self, mask: Image.Image) -> Image.Image:
        """Return the mask at the icon's own size, antialiased."""
        return mask.resize((self.size, self.size), Image.Resampling.BOX)


def background(size: int) -> Image.Image:
    """Return the diagonal indigo gradient, banding-free and kind to PNG filters."""
    down = Image.linear_gradient("L").resize((size, size), Image.Resampling.BILINEAR)
    across = down.transpose(Image.Transpose.TRANSPOSE)
    ramp = ImageChops.add(down, across, scale=2)
    channels = [
        ramp.point([round(start + (end - start) * level / 255) for level in range(256)])
        for start, end in zip(TOP_LEFT, BOTTOM_RIGHT, strict=True)
    ]
    return Image.merge("RGB", channels)


def draw_icon(icon: Icon) -> Image.Image:
    """Return one finished icon."""
    canvas = Canvas(icon.size, icon.scale)
    mark = icon.mark
    outline = rounded(mark.front)
    dots = canvas.discs(mark.dots, mark.dot_radius)
    front = ImageChops.subtract(canvas.fill(outline), dots)
    clearance = canvas.fill(outline, grow=mark.gap)
    back = ImageChops.subtract(canvas.fill(rounded(mark.back)), clearance)

    picture = background(icon.size)
    picture.paste(LILAC, mask=canvas.shrink(back))
    picture.paste(WHITE, mask=canvas.shrink(front))
    if icon.shape == "squircle":
        alpha = canvas.shrink(canvas.fill(squircle(), tile=True))
        clear = Image.new("RGB", picture.size, (0, 0, 0))
        picture = Image.composite(picture, clear, alpha.point(lambda level: 255 if level else 0))
        picture.putalpha(alpha)
    return picture


def main() -> None:
    """Write every icon and say how large it became."""
    for icon in ICONS:
        path = HERE / icon.name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_icon(icon).save(path, optimize=True)
        print(f"{icon.name}: {icon.size} px, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
