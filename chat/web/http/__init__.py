"""HTTP: the page, its files, uploads and downloads."""
