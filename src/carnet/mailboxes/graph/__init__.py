"""How are the contacts of a Microsoft 365 mailbox read and written?"""
