"""What a person sees: `main(page)`, and a package for each part of the screen."""
