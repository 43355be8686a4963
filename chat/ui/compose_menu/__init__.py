"""The menu of the composer, and the dialogs that it opens: polls, code."""
