"""The guard: which frames, values and origins a client may send."""
