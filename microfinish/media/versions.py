"""Versions of the measurements, where a stage can read them without loading a decoder."""

PROBE = 6
"""Raise it when `media.probe` would measure the same file differently."""
THUMBNAIL = 1
"""Raise it when `media.thumbnails` would draw the same file differently."""
