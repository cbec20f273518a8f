"""The Users service: who may log in, and with which groups."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from google.protobuf.message import Message

from desk.node.access.accounts import Account, Accounts
from desk.node.calls import Context, Handler, unary_stream, unary_unary
from desk.node.descriptors import message_classes
from desk.node.status import HandlerThrew

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
            "Enable": unary_unary(partial(self._disable, disabled=False), user),
            "Disable": unary_unary(self._disable, user),
            "Details": unary_stream(self._details, user),
            "ChangePassword": unary_unary(self._change_password, self._classes["ChangePasswordReq"]),
            "ResetPassword": unary_unary(self._reset_password, self._classes["ResetPasswordReq"]),
        }

    async def _create(self, request: Any) -> None:
        options = _options(request)
        groups = tuple(options.groups)
        await self._accounts.create(options.login_name, options.password, options.full_name, groups)

    async def _update(self, request: Any) -> None:
        options = _options(request)
        await self._accounts.describe(options.login_name, options.full_name, tuple(options.groups))

    async def _delete(self, request: Any) -> None:
        await self._accounts.delete(_options(request).login_name)

    async def _disable(self, request: Any, *, disabled: bool = True) -> None:
        await self._accounts.disable(_options(request).login_name, disabled=disabled)

    async def _change_password(self, request: Any) -> None:
        options = _options(request)
        await self._accounts.change_password(options.login_name, options.current_password, options.new_password)

    async def _reset_password(self, request: Any) -> None:
        options = _options(request)
        await self._accounts.reset_password(options.login_name, options.new_password)

    async def _details(self, request: Any, context: Context) -> None:
        name = request.options.login_name
        for each in (self._accounts.get(name),) if name else self._accounts.everyone():
            await context.write(self._response(each).SerializeToString())

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
