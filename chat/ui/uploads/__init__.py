"""The files of the next message: their uploads, and the tray that shows them."""
