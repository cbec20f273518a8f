"""One certificate for all nodes of a run, as a key takes time to make."""

from datetime import UTC, datetime

import pytest

from desk.node.access import certificates
from desk.node.access.certificate import Certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.own(tmp_path_factory.mktemp("certificate"), (), datetime.now(UTC))
