"""The check of an office's files."""
