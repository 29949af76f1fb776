"""Their side: each package keeps the promises of the Crm port for one CRM."""
