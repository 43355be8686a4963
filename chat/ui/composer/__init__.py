"""The composer: message field, pending files, send queue, draft."""
