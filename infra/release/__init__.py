"""How a release gets out: each function without traffic, tried from outside, then all traffic, or none.

The standard library alone, and `gcloud`: whoever deploys runs nobody else's code.
"""
