"""Flet Chat: a group chat that you own, in one Python process."""

__version__ = "0.1.0"
