"""Identity and presence of people."""
