"""Markup: from the text of a message to a tree of nodes."""
