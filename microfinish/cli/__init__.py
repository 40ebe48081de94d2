"""The command line: one file per command, plus how it speaks: output, errors, progress."""
