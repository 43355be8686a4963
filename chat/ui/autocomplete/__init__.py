"""The popup above the text field, and its providers."""
