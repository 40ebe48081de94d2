"""Decisions to jobs to ffmpeg arguments. Pure: nothing here reads a file or starts a process."""
