"""The mutation of the law: change one cell of a rulebook, and some scenario must fail."""
