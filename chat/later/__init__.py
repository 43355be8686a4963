"""What a person keeps for later: saved messages."""
