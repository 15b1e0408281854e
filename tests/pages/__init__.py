"""The pages in a browser. A package, so that its browser ends with it: while it lives, `asyncio.run` cannot be used."""
