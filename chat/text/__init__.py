"""What a text may hold and what it means: names, markup, mentions, emoji, search queries."""
