"""What the network sees: the Flet socket, the page and its files, and a little HTTP."""
