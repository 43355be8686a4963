"""The user interface: `main(page)`, and a package for each part of the screen."""
