"""Certificates that are made, kept, renewed, and given."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from desk.node.access.certificate import Certificate, CertificateError
from desk.node.access.certificates import given, own

NOW = datetime(2030, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def parsed(certificate: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.chain)


def names(certificate: Certificate) -> set[str]:
    extension = parsed(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in extension}


def ca(certificate: Certificate) -> bytes:
    assert certificate.ca is not None
    return certificate.ca.read_bytes()


def files(directory: Path, certificate: Certificate) -> tuple[Path, Path]:
    chain, key = directory / "some.crt", directory / "some.key"
    chain.write_bytes(certificate.chain)
    key.write_bytes(certificate.key)
    return chain, key


def test_a_certificate_is_made_for_the_machine_itself_and_for_the_names_that_clients_are_told(tmp_path: Path) -> None:
    made = own(tmp_path, ("node.example", "10.0.0.7", "localhost", "0.0.0.0", "::"), NOW)
    assert names(made) == {"localhost", "127.0.0.1", "::1", "node.example", "10.0.0.7"}
    authority = x509.load_pem_x509_certificate(ca(made))
    parsed(made).verify_directly_issued_by(authority)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not parsed(made).extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_only_their_owner_can_read_the_private_keys(tmp_path: Path) -> None:
    made = own(tmp_path, (), NOW)
    assert made.ca is not None
    keys = sorted(made.ca.parent.glob("*.key"))
    assert len(keys) == 2
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}


def test_a_certificate_is_used_again_at_the_next_start(tmp_path: Path) -> None:
    assert own(tmp_path, ("node.example",), NOW) == own(tmp_path, (), NOW + 300 * DAY)


def test_a_certificate_near_its_end_is_renewed_and_the_ca_stays(tmp_path: Path) -> None:
    first = own(tmp_path, (), NOW)
    authority = ca(first)
    second = own(tmp_path, (), NOW + 310 * DAY)
    assert second != first
    assert parsed(second).not_valid_after_utc > NOW + 700 * DAY
    assert ca(second) == authority


def test_a_ca_near_its_end_is_renewed_with_the_certificate(tmp_path: Path) -> None:
    first = own(tmp_path, (), NOW)
    authority = ca(first)
    second = own(tmp_path, (), NOW + 3600 * DAY)
    assert ca(second) != authority
    parsed(second).verify_directly_issued_by(x509.load_pem_x509_certificate(ca(second)))


def test_another_name_needs_another_certificate_of_the_same_ca(tmp_path: Path) -> None:
    first = own(tmp_path, (), NOW)
    authority = ca(first)
    second = own(tmp_path, ("node.example",), NOW)
    assert "node.example" in names(second) - names(first)
    assert ca(second) == authority


@pytest.mark.parametrize("name", ["ca.crt", "ca.key", "node.crt", "node.key"])
def test_a_file_that_is_damaged_or_gone_is_made_anew(tmp_path: Path, name: str) -> None:
    made = own(tmp_path, (), NOW)
    assert made.ca is not None
    for damaged in (True, False):
        file = made.ca.parent / name
        if damaged:
            file.write_text("no PEM")
        else:
            file.unlink()
        again = own(tmp_path, (), NOW)
        parsed(again).verify_directly_issued_by(x509.load_pem_x509_certificate(ca(again)))
        assert given(made.ca.parent / "node.crt", made.ca.parent / "node.key", NOW).key == again.key


def test_a_given_certificate_is_taken_as_it_is(tmp_path: Path) -> None:
    made = own(tmp_path, (), NOW)
    taken = given(*files(tmp_path, made), NOW)
    assert (taken.chain, taken.key, taken.ca) == (made.chain, made.key, None)


def test_a_certificate_that_ended_is_refused_with_its_day(tmp_path: Path) -> None:
    chain, key = files(tmp_path, own(tmp_path, (), NOW))
    with pytest.raises(CertificateError, match=r"some\.crt ended on 2031-06-02"):
        given(chain, key, NOW + 500 * DAY)


def test_a_certificate_that_has_not_begun_is_refused_with_its_day(tmp_path: Path) -> None:
    chain, key = files(tmp_path, own(tmp_path, (), NOW))
    with pytest.raises(CertificateError, match=r"begins on 2030-04-30 only"):
        given(chain, key, NOW - 5 * DAY)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    chain, _ = files(tmp_path, own(tmp_path, (), NOW))
    _, other = files(tmp_path / "tls", own(tmp_path, ("node.example",), NOW))
    with pytest.raises(CertificateError, match="does not belong to the certificate"):
        given(chain, other, NOW)


def test_files_that_are_no_certificate_or_no_key_or_not_there_are_named(tmp_path: Path) -> None:
    chain, key = files(tmp_path, own(tmp_path, (), NOW))
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("no PEM")
    for certificate, private, said in (
        (nonsense, key, "nonsense is not a certificate"),
        (chain, nonsense, "nonsense is not a private key"),
        (tmp_path / "missing", key, r"missing cannot be read .*--cert"),
        (chain, tmp_path / "missing", r"missing cannot be read .*--key"),
    ):
        with pytest.raises(CertificateError, match=said):
            given(certificate, private, NOW)


def test_a_name_that_no_certificate_can_have_is_said(tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match="ASCII"):
        own(tmp_path, ("knöten",), NOW)


def test_a_directory_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "tls").touch()
    with pytest.raises(CertificateError, match="tls"):
        own(tmp_path, (), NOW)
