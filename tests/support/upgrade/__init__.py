"""What shows that a new version keeps a database: the rows of an old one, its answers, and their comparison."""
