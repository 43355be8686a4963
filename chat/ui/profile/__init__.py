"""The person's own profile: the dialog in which they change it, and what leads back to it."""
