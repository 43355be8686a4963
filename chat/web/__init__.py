"""The web server: the guarded socket of Flet, the page and its files, uploads and downloads."""
