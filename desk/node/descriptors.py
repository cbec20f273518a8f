"""Message classes that the client library does not ship, built from the protocol's field numbers."""

from collections.abc import Mapping
from typing import Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

_Field = tuple[int, str]
"""A field's number and type: a scalar's, or else that of a message of the package; ``*`` after it: repeated."""

_Proto = descriptor_pb2.FieldDescriptorProto

_SCALARS: Final = {
    "string": _Proto.TYPE_STRING,
    "int32": _Proto.TYPE_INT32,
    "int64": _Proto.TYPE_INT64,
    "uint64": _Proto.TYPE_UINT64,
    "bool": _Proto.TYPE_BOOL,
}

SERVER_FEATURES: Final = "event_store.client.server_features"
SERVER_FEATURES_MESSAGES: Final[Mapping[str, Mapping[str, _Field]]] = {
    "SupportedMethod": {
        "method_name": (1, "string"),
        "service_name": (2, "string"),
        "features": (3, "string*"),
    },
    "SupportedMethods": {
        "methods": (1, "SupportedMethod*"),
        "event_store_server_version": (2, "string"),
    },
}


def message_classes(package: str, messages: Mapping[str, Mapping[str, _Field]]) -> dict[str, type[Message]]:
    """Classes by name, in a pool of their own."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind) in fields.items():
            field = message.field.add(name=field_name, number=number)
            field.label = _Proto.LABEL_REPEATED if kind.endswith("*") else _Proto.LABEL_OPTIONAL
            scalar = _SCALARS.get(kind.rstrip("*"))
            if scalar is None:
                field.type = _Proto.TYPE_MESSAGE
                field.type_name = f".{package}.{kind.rstrip('*')}"
            else:
                field.type = scalar
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in messages}
