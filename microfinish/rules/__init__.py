"""Quality control: one rule per file, each reading measurements of a delivered file."""
