"""Every way in, by everybody, at every state: who is let in is what the contract says, and nothing else."""
