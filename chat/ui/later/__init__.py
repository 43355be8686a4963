"""Messages for later: the saved ones, and forwarding."""
