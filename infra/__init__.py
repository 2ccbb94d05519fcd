"""What surrounds the functions: the local stand-ins, and what the cloud needs."""
