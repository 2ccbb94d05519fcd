"""The use cases over the real record, driven at random beside a model of the procedure that is simple to read."""
