"""The terminal door: words and tables only."""
