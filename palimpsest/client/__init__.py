"""The client for scripts: the service over HTTP, its responses as typed objects, and tables for a terminal."""
