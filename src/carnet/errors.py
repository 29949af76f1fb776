"""What can go wrong, by what the caller does next?

CarnetError(code, hint)
├── Refused    a person must act
│   ├── BadSettings      a setting or an option is wrong
│   ├── NotAllowed       this user may not do this here
│   ├── NotFound         no such run, record, draft or file
│   ├── UnsupportedFile  not a contact file that Carnet reads
│   ├── DamagedFile      the file is broken, cut short or empty
│   ├── NeedsConsent     the person must confirm something first
│   ├── AddressMismatch  the mailbox and the CRM user do not have the same address
│   ├── NotSignedIn      nobody is signed in, or the sign-in no longer holds
│   ├── PlanMoved        the plan is no longer the one that was approved
│   └── UnsafePlan       the plan goes past a safety limit
├── Deferred   try again, not before
│   ├── Unavailable      the other side did not answer
│   │   └── Unanswered   it may have acted all the same
│   ├── Throttled        the other side asks to wait
│   ├── Expired          the other side no longer knows where we had got to
│   └── Locked           somebody else holds it now
└── Skipped    this record only: a value in a page or plan, never raised across a flow
    ├── Unreadable       the record could not be read
    └── Unmappable       the record could be read and says nothing that a CRM can hold
"""

from __future__ import annotations

from typing import ClassVar

_OWN = __file__.replace("\\", "/").removesuffix("errors.py")


class CarnetError(Exception):
    """Something Carnet foresaw.

    `code` is stable and documented; `message` says what happened, `hint` what to do next. Both are English msgids that
    the doors translate; `values` fill their placeholders.
    """

    code: ClassVar[str] = "CA000"

    def __init__(self, message: str, hint: str = "", **values: object) -> None:
        """Hold the message, the hint and the values that fill their `{placeholders}`."""
        super().__init__(message.format(**values) if values else message)
        self.message = message
        self.hint = hint
        self.values = values


def told(error: BaseException) -> str:
    """The kind of an error and the last place of Carnet's own that it came from: "KeyError, flows/apply.py:120"."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace("\\", "/")
        if file.startswith(_OWN):
            place = f", {file.removeprefix(_OWN)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def unforeseen(error: BaseException) -> CarnetError:
    """What is said of an error that nobody foresaw: a fault of Carnet. Its own words may hold personal data."""
    return CarnetError(
        "Something happened that Carnet did not foresee ({what}).",
        "What was written is in the journal: do it again, and it goes on from there. Please report this line.",
        what=told(error),
    )


class Refused(CarnetError):
    """A person must act before this can go on."""

    code = "CA100"


class BadSettings(Refused):
    """A setting or an option is wrong."""

    code = "CA101"


class NotAllowed(Refused):
    """This user may not do this here."""

    code = "CA102"


class NotFound(Refused):
    """There is no such thing, or it is somebody else's."""

    code = "CA103"


class UnsupportedFile(Refused):
    """Not a contact file that Carnet reads."""

    code = "CA110"


class DamagedFile(Refused):
    """The file is broken, cut short or empty."""

    code = "CA111"


class NeedsConsent(Refused):
    """The person must confirm something first; `values["consent"]` names it."""

    code = "CA112"


class AddressMismatch(Refused):
    """The mailbox's address and the CRM user's are not the same."""

    code = "CA104"


class NotSignedIn(Refused):
    """Nobody is signed in, or the sign-in no longer holds."""

    code = "CA105"


class PlanMoved(Refused):
    """The plan is no longer the one that was approved."""

    code = "CA120"


class UnsafePlan(Refused):
    """The plan goes past a safety limit."""

    code = "CA121"


class Deferred(CarnetError):
    """Nothing is lost: try again later."""

    code = "CA200"


class Unavailable(Deferred):
    """The other side did not answer."""

    code = "CA201"


class Locked(Deferred):
    """Somebody else holds it now."""

    code = "CA202"


class Throttled(Deferred):
    """The other side asks to wait; `values["seconds"]` says how long."""

    code = "CA203"


class Expired(Deferred):
    """The other side no longer knows where we had got to: everything has to be read again."""

    code = "CA204"


class Unanswered(Unavailable):
    """The other side did not answer, and may have acted all the same: look before you try again."""

    code = "CA205"


class Skipped(CarnetError):
    """One record is left out; the others go on."""

    code = "CA300"


class Unreadable(Skipped):
    """The record could not be read."""

    code = "CA301"


class Unmappable(Skipped):
    """The record says nothing that a CRM can hold."""

    code = "CA302"
