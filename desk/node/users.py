"""The Users service: who may log in, and with which groups."""

from collections.abc import Awaitable, Callable, Mapping
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
        accounts, kinds = self._accounts, self._classes

        def change(kind: str, act: Callable[[Any], Awaitable[None]]) -> Handler:
            return unary_unary(lambda request: act(_options(request)), kinds[kind])

        return {
            "Create": change(
                "UserReq", lambda it: accounts.create(it.login_name, it.password, it.full_name, tuple(it.groups))
            ),
            "Update": change("UserReq", lambda it: accounts.describe(it.login_name, it.full_name, tuple(it.groups))),
            "Delete": change("UserReq", lambda it: accounts.delete(it.login_name)),
            "Enable": change("UserReq", lambda it: accounts.disable(it.login_name, disabled=False)),
            "Disable": change("UserReq", lambda it: accounts.disable(it.login_name)),
            "Details": unary_stream(self._details, kinds["UserReq"]),
            "ChangePassword": change(
                "ChangePasswordReq",
                lambda it: accounts.change_password(it.login_name, it.current_password, it.new_password),
            ),
            "ResetPassword": change(
                "ResetPasswordReq", lambda it: accounts.reset_password(it.login_name, it.new_password)
            ),
        }

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
