"""Incoming webhooks: from the body of a request to the text of one message, without I/O."""
