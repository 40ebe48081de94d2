"""Edit lists, subtitles and color decisions in and out, one file per format."""
