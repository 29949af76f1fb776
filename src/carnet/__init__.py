"""Carnet brings a person's Outlook contacts into the CRM, in one reviewed run that can be undone."""

__version__ = "0.1.0"
