"""How are the accounts and contacts of Dynamics 365 read and written?"""

from carnet.crms.dataverse.crm import DataverseCrm, open_crm

__all__ = ["DataverseCrm", "open_crm"]
