"""The project folder: where things are, what was set, who holds it."""
