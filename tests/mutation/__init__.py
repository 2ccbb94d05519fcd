"""Changes one thing at a time in the rules and the use cases, and asks whether a test notices."""
