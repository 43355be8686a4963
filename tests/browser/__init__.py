"""Tests in Chromium and in the desktop window."""
