"""Theme, density, and small controls that all parts of the screen use."""
