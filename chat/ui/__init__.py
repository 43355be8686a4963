"""What a person sees: `main(page)`, and one file for each thing on the screen."""
