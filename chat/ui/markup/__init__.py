"""Markup nodes drawn as Flet controls."""
