"""Webhooks of every kind, damaged in every way: what WhatsApp signed is never refused for what is in it, nor lost."""
