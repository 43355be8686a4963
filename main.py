"""The entry of Flet Chat: `python main.py`, or `flet run main.py`."""

from chat.server.cli import run

if __name__ == "__main__":
    run()
