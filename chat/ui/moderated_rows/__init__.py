"""Parts of rows about what was reported, and whom the viewer has blocked."""
