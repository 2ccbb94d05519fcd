"""Tests of the pure part: no network, no clock, no files but the office's."""
