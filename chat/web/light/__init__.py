"""The light pages: the chat in plain HTML, for very old or very slow devices."""
