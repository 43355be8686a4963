"""Validation and parsing of texts: names, markup, mentions, emoji, search queries."""
