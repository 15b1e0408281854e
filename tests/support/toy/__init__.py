"""A method and a kind of stream that no other code knows: what a lab adds by a package of its own."""
