"""What the program can carry, and how late it is when much comes at once. Measurements, not tests."""
