"""What a month costs and what binds first, held to the tables and to Terraform."""
