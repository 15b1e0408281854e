"""The command `palimpsest` and its processes: service, worker, demo, and doctor."""
