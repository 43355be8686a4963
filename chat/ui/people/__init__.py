"""Other people: their cards, the members of a room, invitations."""
