"""Where a person writes: field, pending files, send queue, draft."""
