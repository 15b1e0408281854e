"""What a script imports: the service over HTTP, its answers as typed objects, and their tables for a terminal."""
