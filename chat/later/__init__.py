"""What a person keeps for later: saved messages, reminders, texts that are sent later."""
