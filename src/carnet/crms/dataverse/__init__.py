"""How are accounts and contacts of Dynamics 365 (Dataverse) read and written?"""
