"""SQL of the store, one module for each subject."""
