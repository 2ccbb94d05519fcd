"""What strangers and hostile citizens can do to the pages and the doors: all of it tried, and counted."""
