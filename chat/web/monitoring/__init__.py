"""What whoever runs the chat asks: whether it lives, whether it is ready, and its metrics."""
