"""One module for each system outside; none of them decides anything."""
