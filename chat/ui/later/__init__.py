"""Messages for later: saved ones, reminders, texts that are sent later; and forwarding."""
