"""Use cases, with fakes for everything outside."""
