"""One line posts a text: `python examples/post_text.py '#lobby' "The backup is done."`."""

import sys

from flet_chat import ChatError, post

try:
    message = post(sys.argv[1], " ".join(sys.argv[2:]) or "Hello from a script.")
except ChatError as error:
    sys.exit(f"{error} ({error.code})")
print(f"message {message.number} of #{message.room}")
