"""Golden files: the drawings, the schema and the page-script frames of the chat.

`tests/golden/test_golden.py` compares them, and `python -m tests.golden` renews them:

- `drawn.json`: the SHA-256 of each drawing, by the name of the drawing;
- `schema.sql`: the tables of a fresh database, as in `sqlite_master`;
- `script.txt`: the frames between the server and the page script in one story.

`python -m tests.golden --dump DIR` changes nothing here, and writes each drawing as JSON into a
folder. `diff -r` between the folders of two versions shows the changes.
"""
