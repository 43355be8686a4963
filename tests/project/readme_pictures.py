"""Renews the pictures of the README, in Chromium: `python -m tests.project.readme_pictures`.

They are screenshots of three tests, which play a conversation that people might have.
"""

import shutil
import subprocess
import sys

from tests.harness.browser import ARTEFACTS
from tests.harness.process import ROOT

PICTURES = (
    "wide-light",
    "phone-light",
    "phone-dark",
    "show-wide-dark-chinese",
    "show-wide-dark-chinese-markup",
    "thread-wide",
)

_TESTS = ("test_screenshots.py", "test_showcase.py", "test_thread_pane.py")


def main() -> None:
    """Run the tests, and copy their pictures into `docs/`."""
    paths = [str(ROOT / "tests" / "browser" / each) for each in _TESTS]
    subprocess.run([sys.executable, "-m", "pytest", "-q", *paths], cwd=ROOT, check=True)
    for name in PICTURES:
        shutil.copy(ARTEFACTS / f"{name}.png", ROOT / "docs" / f"{name}.png")


if __name__ == "__main__":
    main()
