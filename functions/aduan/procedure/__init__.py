"""The office's instruction as data and pure rules: no cloud, no clock, no log, no environment."""
