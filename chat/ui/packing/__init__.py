"""Controls that are drawn and packed once for all sessions."""
