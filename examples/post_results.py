"""A figure, a table and a file as one message: `python examples/post_results.py '#lobby'`.

The figure is drawn with PIL, which comes with the chat. One of matplotlib is posted in the same way
(`plt.gcf()`), and so is a table of pandas or polars.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

from flet_chat import post

epochs = [{"epoch": n, "loss": round(1 / n, 3)} for n in range(1, 9)]

figure = Image.new("RGB", (420, 220), "white")
draw = ImageDraw.Draw(figure)
for each in epochs:
    left, height = 50 * each["epoch"] - 30, int(200 * each["loss"])
    draw.rectangle((left, 210 - height, left + 30, 210), fill="#3f6fd8")

room = sys.argv[1] if len(sys.argv) > 1 else "#lobby"
post(room, f"Epoch {len(epochs)} is done.", figure, epochs, Path(__file__))
