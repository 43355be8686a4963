"""The row of one message and its parts."""
