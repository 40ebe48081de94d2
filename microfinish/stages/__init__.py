"""The stages: one file each, each decides one document and nothing else."""
