"""Nouns and pure functions: time, media, timeline, color, frame, mix. Standard library only."""
