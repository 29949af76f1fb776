"""How does an administrator connect an application of the organisation, with its secret or its certificate?

What proves who it is goes to the vault: it stands in no page, no address and no log.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from carnet.bootstrap.connecting import require_owner
from carnet.errors import BadSettings, CarnetError, NotAllowed
from carnet.model.connection import Connection, Service, SignInKind
from carnet.web.connections import connected
from carnet.web.door import Form, Known, Visit, text

router = APIRouter(prefix="/connections/application")
_TYPED = ("server", "tenant", "client_id")


@router.get("")
def ask(visit: Known) -> HTMLResponse:
    """What Carnet must know to sign in as the application; for anybody else than the administrator, why not."""
    return _ask(visit)


@router.post("")
def sign_in(visit: Known, form: Form) -> Response:
    """Keep what the application proves itself with, and connect the environment in its name."""
    file = _file(form)
    try:
        require_owner(visit.app, SignInKind.APPLICATION)
        connection = visit.app.network.describe(
            Service.DATAVERSE,
            user=visit.user,
            sign_in=SignInKind.APPLICATION,
            server=text(form, "server"),
            tenant=text(form, "tenant"),
            client_id=text(form, "client_id"),
        )
        _keep(visit, connection, file=file, form=form)
        return connected(visit, connection)
    except CarnetError as error:
        return _ask(visit, error=error, form=form)


def _keep(visit: Visit, connection: Connection, *, file: tuple[str, bytes], form: FormData) -> None:
    secret, (name, content) = text(form, "secret"), file
    if bool(secret) == bool(content):
        raise BadSettings(
            "Give a secret or a certificate, one of them.", "The registration in Microsoft Entra has one or the other."
        )
    if secret:
        visit.app.network.keep_password(connection, secret)
    else:
        visit.app.network.keep_certificate(connection, content, name=name, password=text(form, "password"))


def _file(form: FormData) -> tuple[str, bytes]:
    """The name and the content of the file that came, both empty where none was chosen; the form's copy of it goes at once."""
    sent = form.get("certificate")
    if not isinstance(sent, UploadFile):
        return "", b""
    with sent.file as opened:
        return (sent.filename or "").replace("\\", "/").rpartition("/")[2], opened.read()


def _ask(visit: Visit, *, error: CarnetError | None = None, form: FormData | None = None) -> HTMLResponse:
    refused = _refused(visit)
    typed = {key: text(form, key) if form else "" for key in _TYPED}
    status = 403 if refused else 422 if error else 200
    return visit.page("application.html", status=status, error=refused or error, allowed=refused is None, typed=typed)


def _refused(visit: Visit) -> NotAllowed | None:
    try:
        require_owner(visit.app, SignInKind.APPLICATION)
    except NotAllowed as error:
        return error
    return None
