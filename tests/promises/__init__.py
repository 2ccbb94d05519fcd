"""What is promised, what holds it, and what happens to it when the code breaks it."""
