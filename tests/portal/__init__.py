"""The staff portal, through its own client: who gets in, what is refused in which order, and what the pages say."""
