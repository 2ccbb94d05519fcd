"""Is what was just released what it should be? A few requests from outside, as Meta, a stranger and a forger make them.

The standard library alone: whoever deploys runs nobody else's code.
"""
