"""How much one person, one network and all people together may do."""
