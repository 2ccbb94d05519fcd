"""What runs on one machine: emulators, prerequisites, the simulated channel."""
