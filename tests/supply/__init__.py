"""What the program is made of: its packages, their known holes, and the secrets that are not in it."""
