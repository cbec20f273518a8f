"""Renews the certificate of a node that outlives it: checked whenever a client connects.

No clock is watched: a certificate matters when somebody connects, and that is when it is made anew, or read again
where somebody else renewed its files.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import grpc

from desk.node.access.certificate import Certificate, CertificateError

_LOOKED_AFTER: Final = timedelta(hours=1)
"""The certificate is not checked more often than this."""

_log = logging.getLogger(__name__)


class Renewal:
    """Gives gRPC a certificate, and another when it has changed.

    ``current`` finds the one that is to be shown, and makes it if need be; it raises CertificateError, and then the one
    before goes on being shown.
    """

    def __init__(
        self,
        certificate: Certificate,
        current: Callable[[datetime], Certificate],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._shown = certificate
        self._current = current
        self._clock = clock
        self._looked = clock()
        self._lock = threading.Lock()

    def credentials(self) -> grpc.ServerCredentials:
        """What a server listens with."""
        return grpc.dynamic_ssl_server_credentials(
            _configuration(self._shown),
            self.changed,  # type: ignore[arg-type]  # None is what gRPC documents for "as before"
        )

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        """The certificate if it is another than before; gRPC asks at each connection, on threads of its own."""
        with self._lock:
            now = self._clock()
            if now - self._looked < _LOOKED_AFTER:
                return None
            self._looked = now
            try:
                found = self._current(now)
            except CertificateError as error:
                _log.warning("The certificate stays as it is: %s", error)
                return None
            if found == self._shown:
                return None
            self._shown = found
            _log.info("Clients that connect from now on are shown a new certificate.")
            return _configuration(found)


def _configuration(certificate: Certificate) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(certificate.key, certificate.chain)])
