"""The staff's pages: thin views over the use cases."""
