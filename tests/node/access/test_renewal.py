"""A node that runs for longer than its certificate lasts."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import grpc.aio
import pytest
from cryptography import x509

from desk.node.access import certificates
from desk.node.access.certificate import Certificate, CertificateError
from desk.node.access.renewal import Renewal

NOW = datetime.now(UTC) - timedelta(days=345)
DAY = timedelta(days=1)


class Clock:
    """Tells the time that it is set to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def shown(port: int, ca: Path) -> x509.Certificate:
    """What a client that connects now is shown, and trusts."""
    context = ssl.create_default_context(cafile=str(ca))
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=15) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der)


def test_a_client_that_connects_after_a_year_is_shown_a_new_certificate_of_the_same_ca(tmp_path: Path) -> None:
    clock = Clock()
    first = certificates.own(tmp_path, (), NOW)
    assert first.ca is not None
    ca = first.ca

    async def run() -> None:
        server = grpc.aio.server()
        renewal = Renewal(first, lambda now: certificates.own(tmp_path, (), now), clock)
        port = server.add_secure_port("127.0.0.1:0", renewal.credentials())
        await server.start()
        before = await asyncio.to_thread(shown, port, ca)
        clock.now += 200 * DAY
        assert await asyncio.to_thread(shown, port, ca) == before
        clock.now += 145 * DAY
        after = await asyncio.to_thread(shown, port, ca)
        assert after.not_valid_after_utc > before.not_valid_after_utc + 300 * DAY
        assert await asyncio.to_thread(shown, port, ca) == after
        await server.stop(0)

    asyncio.run(run())


def test_one_that_cannot_be_renewed_is_shown_as_before_and_said_to_be_so(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()

    def current(_now: datetime) -> Certificate:
        raise CertificateError("The certificate x.crt ended on 2030-01-01; renew it.")

    renewal = Renewal(Certificate(b"chain", b"key", None), current, clock)
    clock.now += DAY
    assert renewal.changed() is None
    assert "renew it" in caplog.text


def test_it_is_not_looked_at_more_often_than_once_an_hour() -> None:
    clock = Clock()
    looked: list[datetime] = []
    certificate = Certificate(b"chain", b"key", None)

    def current(now: datetime) -> Certificate:
        looked.append(now)
        return certificate

    renewal = Renewal(certificate, current, clock)
    for _ in range(24 * 6):
        clock.now += timedelta(minutes=10)
        assert renewal.changed() is None
    assert len(looked) == 24
