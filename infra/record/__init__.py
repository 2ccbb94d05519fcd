"""The record's keeping: checked, backed up, restored, and the heads rebuilt from the events."""
