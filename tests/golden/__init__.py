"""What a version of the chat draws, stores and says to its pages, kept beside the tests.

`tests/test_golden.py` compares it, and `python -m tests.golden` renews it:

- `drawn.json`: each thing that is drawn, by name, and the SHA-256 of the frames that draw it;
- `schema.sql`: the tables of a fresh database, as `sqlite_master` has them;
- `script.txt`: the frames between the server and a page's scripts in one story.

`python -m tests.golden --dump DIR` changes nothing here, and writes each drawing as JSON into a
folder. The folders of two versions, compared with `diff -r`, show what is drawn otherwise.
"""
