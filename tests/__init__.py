"""The tests: most of them are stories about people, through the doors that people use."""
