"""Work while nobody waits."""
