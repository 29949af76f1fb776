"""How does what somebody has signed in to become a connection, so that no secret stays behind that belongs to none?"""

from __future__ import annotations

from carnet.bootstrap import App
from carnet.errors import NotAllowed
from carnet.flows.connect import connect_crm, connect_mailbox
from carnet.model.connection import Connection, SignInKind
from carnet.settings import owns_policy


def connect(app: App, connection: Connection, *, take_over: bool = False) -> Connection:
    """Keep the mailbox or the CRM, and its secret in the vault; one that was known before is kept once.

    Raises AddressMismatch, NotAllowed or NeedsConsent; what was signed in with is then still in memory: sign out, or take over.
    """
    require_owner(app, connection.sign_in)
    if connection.service.is_mailbox:
        mailbox = app.open_connection(connection)
        try:
            kept = connect_mailbox(app.world, connection, mailbox, take_over=take_over)
        finally:
            mailbox.close()
    else:
        crm = app.network.crm(connection)
        try:
            kept = connect_crm(app.world, connection, crm, take_over=take_over)
        finally:
            crm.close()
    if connection.sign_in is not SignInKind.NONE:
        app.network.keep_secret(connection, kept)
    return kept


def require_owner(app: App, kind: SignInKind) -> None:
    """Raise NotAllowed where somebody else than the administrator of this home would let an application of the organisation in.

    It is not asked of the CRM that contacts go to: that may be the one whose sign-in has run out.
    """
    if kind is SignInKind.APPLICATION and not owns_policy(app.settings.home):
        raise NotAllowed(
            "Only an administrator connects an application of the organisation.",
            "That is the owner of policy.toml, or of Carnet's folder where there is none. Connect as yourself instead.",
        )
