"""The Users service: who may log in, and with which groups."""

from collections.abc import Awaitable, Mapping
from typing import Any, Final

import grpc
from google.protobuf.message import Message

from desk.node.access.accounts import Account, Accounts, Exists, Unknown, WrongPassword
from desk.node.calls import Handler, unary_stream, unary_unary
from desk.node.descriptors import message_classes
from desk.node.reads import Send
from desk.node.status import Failure, HandlerThrew, access_denied

PACKAGE: Final = "event_store.client.users"
USERS_SERVICE: Final = f"{PACKAGE}.Users"
USERS_MESSAGES: Final[Mapping[str, Mapping[str, tuple[int, str]]]] = {
    "UserOptions": {
        "login_name": (1, "string"),
        "password": (2, "string"),
        "full_name": (3, "string"),
        "groups": (4, "string*"),
    },
    "ChangePasswordOptions": {
        "login_name": (1, "string"),
        "current_password": (2, "string"),
        "new_password": (3, "string"),
    },
    "ResetPasswordOptions": {"login_name": (1, "string"), "new_password": (2, "string")},
    "UserReq": {"options": (1, "UserOptions")},
    "ChangePasswordReq": {"options": (1, "ChangePasswordOptions")},
    "ResetPasswordReq": {"options": (1, "ResetPasswordOptions")},
    "DateTime": {"ticks_since_epoch": (1, "int64")},
    "UserDetails": {
        "login_name": (1, "string"),
        "full_name": (2, "string"),
        "groups": (3, "string*"),
        "last_updated": (4, "DateTime"),
        "disabled": (5, "bool"),
    },
    "DetailsResp": {"user_details": (1, "UserDetails")},
}
"""Create, Update, Delete, Enable, Disable and Details agree in the numbers of their fields: one message for all."""

_DONE: Final = b""


class Users:
    """The service's eight methods."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._classes = message_classes(PACKAGE, USERS_MESSAGES)

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        user = self._classes["UserReq"]
        return {
            "Create": unary_unary(self._create, user),
            "Update": unary_unary(self._update, user),
            "Delete": unary_unary(self._delete, user),
            "Enable": unary_unary(self._enable, user),
            "Disable": unary_unary(self._disable, user),
            "Details": unary_stream(self._details, user),
            "ChangePassword": unary_unary(self._change_password, self._classes["ChangePasswordReq"]),
            "ResetPassword": unary_unary(self._reset_password, self._classes["ResetPasswordReq"]),
        }

    async def _create(self, request: Any) -> bytes:
        options = _options(request)
        return await _done(
            self._accounts.create(options.login_name, options.password, options.full_name, tuple(options.groups))
        )

    async def _update(self, request: Any) -> bytes:
        options = _options(request)
        return await _done(self._accounts.describe(options.login_name, options.full_name, tuple(options.groups)))

    async def _delete(self, request: Any) -> bytes:
        return await _done(self._accounts.delete(_options(request).login_name))

    async def _enable(self, request: Any) -> bytes:
        return await _done(self._accounts.disable(_options(request).login_name, disabled=False))

    async def _disable(self, request: Any) -> bytes:
        return await _done(self._accounts.disable(_options(request).login_name))

    async def _change_password(self, request: Any) -> bytes:
        options = _options(request)
        return await _done(
            self._accounts.change_password(options.login_name, options.current_password, options.new_password)
        )

    async def _reset_password(self, request: Any) -> bytes:
        options = _options(request)
        return await _done(self._accounts.reset_password(options.login_name, options.new_password))

    async def _details(self, request: Any, send: Send) -> None:
        name = request.options.login_name
        account = self._accounts.find(name)
        if name and account is None:
            raise _not_found(name)
        for each in (account,) if name and account else self._accounts.everyone():
            await send(self._response(each).SerializeToString())

    def _response(self, account: Account) -> Message:
        details = self._classes["UserDetails"](
            login_name=account.name,
            full_name=account.full_name,
            groups=account.groups,
            last_updated=self._classes["DateTime"](ticks_since_epoch=account.updated),
            disabled=account.disabled,
        )
        return self._classes["DetailsResp"](user_details=details)


def _options(request: Any) -> Any:
    if not request.HasField("options"):
        raise HandlerThrew("The request has no options.")
    return request.options


async def _done(change: Awaitable[None]) -> bytes:
    """The empty answer to a change that was made."""
    try:
        await change
    except Unknown as unknown:
        raise _not_found(unknown.name) from unknown
    except Exists as exists:
        trailers = {"exception": "user-conflict", "login-name": exists.name}
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, "Conflict.", trailers) from exists
    except WrongPassword as wrong:
        raise access_denied() from wrong
    return _DONE


def _not_found(name: str) -> Failure:
    trailers = {"exception": "user-not-found", "login-name": name}
    return Failure(grpc.StatusCode.NOT_FOUND, f"User '{name}' is not found.", trailers)
