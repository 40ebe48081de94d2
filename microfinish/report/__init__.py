"""Pages and tables for people, made from decisions and findings."""
