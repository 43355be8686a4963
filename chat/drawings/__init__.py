"""The drawings of views: documents of controls that programs make, and what may be in them."""
