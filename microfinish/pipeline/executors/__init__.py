"""Where work is carried out: threads of this machine, or something that fits the protocol."""
