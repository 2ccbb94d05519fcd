"""The process is killed at every point of everything it does, and the record is whole afterwards."""
