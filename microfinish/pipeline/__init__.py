"""The chain: stages, what must run and why, running it, and what it tells while it works."""
