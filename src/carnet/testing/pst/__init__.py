"""How is an Outlook data file laid out? Written from Microsoft's [MS-PST]; for tests, demonstrations and measurements.

It is meant to feed readers. Outlook itself was never shown such a file.
"""
