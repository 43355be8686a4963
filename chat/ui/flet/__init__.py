"""Flet's own work with controls, made cheaper: how they are created, compared and encoded.

The results are those of Flet; only the properties that a control has set are visited.
"""
