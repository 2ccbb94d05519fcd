"""Tests of the commands for WhatsApp's side, at the simulated Meta."""
