"""Our side: each package keeps the promises of the Mailbox port for one kind of source."""
