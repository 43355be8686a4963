"""The trust page: how a device comes to trust the certificate of the chat."""
