"""Aduan: a civil registry office's complaint procedure, run over WhatsApp."""
