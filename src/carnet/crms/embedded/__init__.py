"""Where are accounts and contacts when there is no other CRM?"""

from carnet.crms.embedded.crm import BRANCH, EmbeddedCrm, open_crm

__all__ = ["BRANCH", "EmbeddedCrm", "open_crm"]
