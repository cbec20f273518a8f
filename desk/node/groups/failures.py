"""How calls about groups fail: the statuses, texts and trailers of EventStoreDB."""

from grpc import StatusCode

from desk.node.status import Failure


def missing(source: str, group: str) -> Failure:
    """There is no such group."""
    return _about(source, group, StatusCode.NOT_FOUND, "does-not-exist", "does not exist.")


def exists(source: str, group: str) -> Failure:
    """There is such a group already."""
    return _about(source, group, StatusCode.ALREADY_EXISTS, "exists", "exists.")


def failed(source: str, group: str, reason: str) -> Failure:
    """What was asked for is impossible."""
    return _about(source, group, StatusCode.INTERNAL, "failed", f"failed: '{reason}'", reason=reason)


def dropped(source: str, group: str) -> Failure:
    """The group was deleted, changed or restarted, or its stream has ended."""
    return _about(source, group, StatusCode.CANCELLED, "dropped", "was dropped.")


def too_many_consumers(source: str, group: str) -> Failure:
    """The group has as many consumers as it may have."""
    return Failure(
        StatusCode.FAILED_PRECONDITION,
        f"Maximum subscriptions reached for subscription group {group} on stream {source}.",
        {"exception": "maximum-subscribers-reached", **_names(source, group)},
    )


def _about(source: str, group: str, code: StatusCode, exception: str, said: str, **more: str) -> Failure:
    trailers = {"exception": f"persistent-subscription-{exception}", **_names(source, group), **more}
    return Failure(code, f"Subscription group {group} on stream {source} {said}", trailers)


def _names(source: str, group: str) -> dict[str, str]:
    return {"stream-name": source, "group-name": group} if group else {"stream-name": source}
