"""What holds for the whole tree: sizes, imports, names, and no test that can be left out."""
