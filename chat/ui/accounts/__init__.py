"""How people sign in on another device, as Settings and owners show it."""
