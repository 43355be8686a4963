"""Servers that run in processes of their own: those to compare with, and this chat instrumented."""
