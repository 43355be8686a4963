"""Parts of rows about what was reported."""
