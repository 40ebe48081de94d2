"""Nouns and pure functions: exact time, media, timeline, color, frame, mix. Standard library only."""
