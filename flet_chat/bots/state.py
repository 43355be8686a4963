"""The state of a bot: a dictionary in a file, which stays over changes of the bot and restarts."""

import json
import os
import tempfile
import threading
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

# The most that a bot may keep, in bytes as JSON.
STATE_LIMIT = 256 * 1024


class BotState(MutableMapping[str, Any]):
    """A dictionary of what JSON can hold; its keys are texts.

    It is stored after each handler, and by `save`. What a bot puts in while its file is loaded are
    values to begin with: those of the file count before them.
    """

    def __init__(self) -> None:
        self._values = dict[str, Any]()
        self._path: Path | None = None
        self._stored = "{}"
        self._lock = threading.Lock()

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)

    def open(self, path: Path) -> None:
        """Read the file, if there is one, and store there from now on.

        Raises OSError and ValueError.
        """
        with self._lock:
            self._path = path
            try:
                self._stored = path.read_text("utf-8")
            except FileNotFoundError:
                return
            self._values |= json.loads(self._stored)

    def save(self) -> None:
        """Store what has changed. Raises ValueError for what JSON cannot hold, or is too long."""
        with self._lock:
            if self._path is None:
                return
            try:
                text = json.dumps(self._values, ensure_ascii=False)
            except (TypeError, RecursionError) as error:
                raise ValueError(f"bot.state holds what JSON cannot: {error}.") from None
            if text == self._stored:
                return
            if len(text.encode("utf-8", "replace")) > STATE_LIMIT:
                raise ValueError(
                    f"bot.state is too large: {STATE_LIMIT // 1024} KiB fit. Write a file of your "
                    "own for more."
                )
            write_whole(self._path, text)
            self._stored = text


def write_whole(path: Path, text: str, *, is_lasting: bool = True) -> None:
    """Write a file so that there is the old text or the new one, never a part.

    If it is lasting, it is there even if the power goes a moment later.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            if is_lasting:
                os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
