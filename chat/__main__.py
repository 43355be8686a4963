"""`python -m chat` is the same command as `flet-chat`."""

from chat.server.cli import run

if __name__ == "__main__":
    run()
