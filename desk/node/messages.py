"""The responses of a read that are not events."""

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

ReadResp = streams_pb2.ReadResp


def confirmation(subscription_id: str) -> bytes:
    """A subscription begins."""
    content = ReadResp.SubscriptionConfirmation(subscription_id=subscription_id)
    return ReadResp(confirmation=content).SerializeToString()


def caught_up() -> bytes:
    """What follows was written after the subscription began."""
    return ReadResp(caught_up=ReadResp.CaughtUp()).SerializeToString()


def checkpoint(position: int) -> bytes:
    """Everything up to this position was considered."""
    content = ReadResp.Checkpoint(commit_position=position, prepare_position=position)
    return ReadResp(checkpoint=content).SerializeToString()


def stream_not_found(stream: str) -> bytes:
    """There is no such stream, or it was deleted."""
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    content = ReadResp.StreamNotFound(stream_identifier=identifier)
    return ReadResp(stream_not_found=content).SerializeToString()


def first_stream_position(revision: int) -> bytes:
    """Where the visible part of a stream begins."""
    return ReadResp(first_stream_position=revision).SerializeToString()


def last_stream_position(revision: int) -> bytes:
    """Where a stream ends."""
    return ReadResp(last_stream_position=revision).SerializeToString()
