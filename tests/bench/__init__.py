"""`make bench`: our functions beside the least that could do the same, measured in one run."""
