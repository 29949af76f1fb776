"""The browser door: one file a page family."""
