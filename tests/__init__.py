"""Tests, in the order of the house that they test."""
