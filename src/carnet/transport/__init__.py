"""Talking over the network: for adapters alone."""
