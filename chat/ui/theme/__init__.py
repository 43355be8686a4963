"""Theme, density, and small controls that everything on the screen uses."""
