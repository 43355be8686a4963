"""The runner of bots: a process of its own, the files in it, and each version of a file."""
