"""Text to nouns and back: the only home of yaml and pydantic."""
