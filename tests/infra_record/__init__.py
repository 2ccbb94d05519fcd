"""Tests of what keeps the record: the check, the backup, the replay."""
