"""How are the contacts of an Exchange server on premises read and written?"""
