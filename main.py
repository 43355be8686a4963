"""The entry of Flet Chat: `python main.py`, or `flet run main.py`."""

from chat.__main__ import main

if __name__ == "__main__":
    main()
