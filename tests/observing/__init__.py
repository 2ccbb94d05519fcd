"""What the program says of itself: lines of the log, errors, traces."""
