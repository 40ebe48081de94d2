"""Finish vertical microdramas from the command line: conform, lock, grade, mix, master, QC."""

__version__ = "0.1.0"
