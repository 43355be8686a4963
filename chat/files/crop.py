"""The crop of a picture: the square part that becomes a person's picture."""

from dataclasses import dataclass

from chat.errors import BadCrop

# The smallest side of a crop, in pixels of the picture: less would be a blur of a few colours. In a
# smaller picture it is the shorter side.
MIN_CROP_SIDE = 64


@dataclass(frozen=True, slots=True)
class Crop:
    """A square part of a picture, in its pixels."""

    left: int
    top: int
    side: int


def middle_crop(width: int, height: int) -> Crop:
    """The largest square in the middle of a picture of this size."""
    side = min(width, height)
    return Crop((width - side) // 2, (height - side) // 2, side)


def check_crop(crop: Crop, width: int, height: int) -> None:
    """Raises BadCrop unless a crop is large enough, and within a picture of this size."""
    shorter_side = min(width, height)
    if (
        not min(MIN_CROP_SIDE, shorter_side) <= crop.side <= shorter_side
        or not 0 <= crop.left <= width - crop.side
        or not 0 <= crop.top <= height - crop.side
    ):
        raise BadCrop
