"""Servers on loopback that behave as Microsoft documents its own: for tests, rehearsals and the demo."""
