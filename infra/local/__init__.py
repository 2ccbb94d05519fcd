"""Stand-ins for Google's services on one machine: for development and tests, never for the cloud."""
