"""The office's side at Meta, as commands: the token, the webhook, the templates, a test message, the health."""
