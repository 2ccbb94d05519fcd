"""Use cases: gather what stands, decide, save in one commit, then let the effects leave."""
