"""Files: storage, uploads, thumbnails, signed addresses."""
