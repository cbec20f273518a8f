"""How calls about groups fail: the statuses, texts and trailers of EventStoreDB."""

import grpc

from desk.node.status import Failure

_KIND = "EventStore.Client.PersistentSubscriptions."


def _about(source: str, group: str, exception: str) -> dict[str, str]:
    names = {"stream-name": source, "group-name": group} if group else {"stream-name": source}
    return {"exception": f"persistent-subscription-{exception}", **names}


def missing(source: str, group: str) -> Failure:
    """There is no such group."""
    return Failure(
        grpc.StatusCode.NOT_FOUND,
        f"Subscription group {group} on stream {source} does not exist.",
        _about(source, group, "does-not-exist"),
    )


def exists(source: str, group: str) -> Failure:
    """There is such a group already."""
    return Failure(
        grpc.StatusCode.ALREADY_EXISTS,
        f"Subscription group {group} on stream {source} exists.",
        _about(source, group, "exists"),
    )


def failed(source: str, group: str, reason: str) -> Failure:
    """What was asked for is impossible."""
    return Failure(
        grpc.StatusCode.INTERNAL,
        f"Subscription group {group} on stream {source} failed: '{reason}'",
        {**_about(source, group, "failed"), "reason": reason},
    )


def too_many_consumers(source: str, group: str) -> Failure:
    """The group has as many consumers as it may have."""
    return Failure(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Maximum subscriptions reached for subscription group {group} on stream {source}.",
        {**_about(source, group, ""), "exception": "maximum-subscribers-reached"},
    )


def dropped(source: str, group: str) -> Failure:
    """The group was deleted, changed or restarted, or its stream has ended."""
    return Failure(
        grpc.StatusCode.CANCELLED,
        f"Subscription group {group} on stream {source} was dropped.",
        _about(source, group, "dropped"),
    )


def not_a_choice(value: str, kind: str) -> Failure:
    """A choice that is open; ``kind`` is what the original calls it."""
    return Failure(grpc.StatusCode.INVALID_ARGUMENT, f"'{value}' is not a valid {_KIND}{kind}")
