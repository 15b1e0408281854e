"""The command `palimpsest` and the processes that it starts: service, worker, demo, and the look at a machine."""
