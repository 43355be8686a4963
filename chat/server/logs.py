"""The log: one line with named values for each event, in `chat.log` of the data folder.

Warnings also go to the standard error stream. Texts of messages and tokens are never logged.
"""

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

_MAX_BYTES = 5 * 1024 * 1024

# The characters with which a text could act on the terminal, or look like another line: the control
# characters C0, DEL and C1, line and paragraph separators, and marks of the writing direction.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

# Seconds between two equal lines of asyncio: without a free file descriptor it logs every attempt.
_REPEAT_INTERVAL = 60.0


class _WithoutRepeats(logging.Filter):
    """Drops a line of asyncio that was there within the last minute."""

    def __init__(self) -> None:
        super().__init__()
        self._last: tuple[str, float] = ("", 0.0)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is logged."""
        text, logged_at = self._last
        if record.getMessage() == text and record.created - logged_at < _REPEAT_INTERVAL:
            return False
        self._last = record.getMessage(), record.created
        return True


def set_up_logs(folder: Path) -> None:
    """Send our events, and the warnings of the libraries, through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _without_arguments],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "logger", "event"]
            ),
            _escape_controls,
        ],
    )
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.filters.clear()
    asyncio_log.addFilter(_WithoutRepeats())
    logging.getLogger("chat").setLevel(logging.INFO)
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(logging.WARNING)
    # The file is created with the first line, so that a refused folder stays unchanged.
    file = RotatingFileHandler(
        folder / "chat.log",
        maxBytes=_MAX_BYTES,
        backupCount=2,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    for old in list(root.handlers):
        root.removeHandler(old)
    for handler in (terminal, file):
        handler.setFormatter(formatter)
        root.addHandler(handler)


def _without_arguments(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Remove the arguments of callbacks from messages of asyncio: they may be texts."""
    if event["logger"] == "asyncio":
        text = str(event["event"]).partition("\n")[0]
        event["event"] = text.partition("(")[0] if "callback" in text else text
    return event


def _escape_controls(_: object, __: str, line: object) -> str:
    """Escape control characters: headers of requests, and so names of hosts, are in some lines."""
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], str(line))
