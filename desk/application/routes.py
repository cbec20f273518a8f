"""What leads to what: the events of each command.

The wiring report is made of it, and a test walks the domain at random to see that it is so.
"""

from types import MappingProxyType
from typing import Final

from desk.domain.commands import (
    AddCopy,
    CancelHold,
    ClaimIsbn,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
    LendCopy,
    ListBook,
    PlaceHold,
    RejectBook,
    ReleaseIsbn,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookDetailsCorrected,
    BookListed,
    BookRejected,
    CopyAdded,
    CopyFound,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    HoldCancelled,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    HoldRequeued,
    IsbnClaimed,
    IsbnReleased,
    LoanRenewed,
)

EVENTS_OF: Final = MappingProxyType[type, tuple[type, ...]](
    {
        CreateBook: (BookCreated,),
        ListBook: (BookListed,),
        RejectBook: (BookRejected,),
        CorrectBookDetails: (BookDetailsCorrected,),
        DeleteBook: (BookDeleted, CopyWithdrawn),
        AddCopy: (CopyAdded, CopySetAside),
        WithdrawCopy: (CopyWithdrawn,),
        LendCopy: (CopyLent, HoldFulfilled),
        RenewLoan: (LoanRenewed,),
        ReturnCopy: (CopyReturned, CopyFound, CopySetAside),
        ReportCopyLost: (CopyLost, HoldRequeued, CopySetAside),
        PlaceHold: (HoldPlaced, CopySetAside),
        CancelHold: (HoldCancelled, CopySetAside),
        ExpireHold: (HoldExpired, CopySetAside),
        ClaimIsbn: (IsbnClaimed,),
        ReleaseIsbn: (IsbnReleased,),
    }
)
