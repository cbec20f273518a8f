"""The certificate that a node with TLS shows: a given one, or one of its own, signed by a CA of its own.

Own ones lie in the data directory. They are made when they are needed, and anew when they are about to end, when
the node goes by other names, or when they cannot be read. Clients that trust the CA's file trust each of them.
"""

import contextlib
import ipaddress
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from desk.node.access.certificate import Certificate, CertificateError
from desk.records import dataclass

DIRECTORY: Final = "tls"
CA_FILE: Final = "ca.crt"
ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
"""The names by which clients on the same machine reach the node."""

_CA_KEY: Final = "ca.key"
_CERTIFICATE: Final = "node.crt"
_KEY: Final = "node.key"
_CA_LASTS: Final = timedelta(days=3650)
_LASTS: Final = timedelta(days=397)
_RENEWED: Final = timedelta(days=90)
"""So long before their end certificates are made anew."""
_CLOCKS_DIFFER: Final = timedelta(hours=1)
_UNSPECIFIED: Final = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def given(chain: Path, key: Path, now: datetime) -> Certificate:
    """A certificate and its key from files. Raises CertificateError."""
    chain_bytes, key_bytes = _read(chain, "--cert"), _read(key, "--key")
    try:
        certificate = x509.load_pem_x509_certificates(chain_bytes)[0]
    except ValueError as error:
        raise CertificateError(f"{chain} is not a certificate in PEM form; name another with --cert.") from error
    try:
        private = serialization.load_pem_private_key(key_bytes, password=None)
    except (ValueError, TypeError) as error:
        raise CertificateError(
            f"{key} is not a private key in PEM form, or one with a password; name another with --key."
        ) from error
    if private.public_key() != certificate.public_key():
        raise CertificateError(f"The key {key} does not belong to the certificate {chain}; name the right --key.")
    if now > certificate.not_valid_after_utc:
        raise CertificateError(f"The certificate {chain} ended on {_day(certificate.not_valid_after_utc)}; renew it.")
    if now < certificate.not_valid_before_utc:
        raise CertificateError(
            f"The certificate {chain} begins on {_day(certificate.not_valid_before_utc)} only;"
            " check it and this machine's clock."
        )
    return Certificate(chain_bytes, key_bytes, None)


def own(directory: Path, names: Iterable[str], now: datetime) -> Certificate:
    """The node's own certificate for these names, made if need be. Raises CertificateError."""
    place = directory / DIRECTORY
    wanted = _alternatives([*ALWAYS, *names])
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        ca = _kept(place / CA_FILE, place / _CA_KEY)
        if ca is None or now > ca.certificate.not_valid_after_utc - _RENEWED:
            ca = _new_ca(now)
            _keep(ca, place / CA_FILE, place / _CA_KEY)
        node = _kept(place / _CERTIFICATE, place / _KEY)
        if node is None or not _serves(node, ca, wanted, now):
            node = _new(ca, wanted, now)
            _keep(node, place / _CERTIFICATE, place / _KEY)
    except OSError as error:
        raise CertificateError(
            f"{error.filename or place} cannot be read or written ({error.strerror});"
            " check the rights of the directory."
        ) from error
    return Certificate(_pem(node.certificate), _pem_key(node.key), place / CA_FILE)


def _read(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path} cannot be read ({error.strerror}); name another with {option}.") from error


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _kept(certificate: Path, key: Path) -> _Pair | None:
    """What lies in two files; None where there is nothing that can be used."""
    if not (certificate.exists() and key.exists()):
        return None
    try:
        pair = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (ValueError, TypeError):
        return None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != pair.public_key():
        return None
    return _Pair(pair, private)


def _keep(pair: _Pair, certificate: Path, key: Path) -> None:
    """The key first, and each by rename: a certificate without its key would be of no use."""
    _write(key, _pem_key(pair.key), 0o600)
    _write(certificate, _pem(pair.certificate), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    partial = path.with_name(f"{path.name}.new")
    partial.unlink(missing_ok=True)
    # Nobody else can read a key even while it is written.
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    partial.replace(path)


def _serves(node: _Pair, ca: _Pair, wanted: x509.SubjectAlternativeName, now: datetime) -> bool:
    certificate = node.certificate
    try:
        certificate.verify_directly_issued_by(ca.certificate)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    lasting = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - _RENEWED
    return lasting and set(names) >= set(wanted)


def _new_ca(now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # Its own number in the name tells one CA from the one before it.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Desk node CA {x509.random_serial_number():x}"[:40])])
    builder = (
        _builder(name, name, key, now, _CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return _Pair(builder.sign(key, hashes.SHA256()), key)


def _new(ca: _Pair, names: x509.SubjectAlternativeName, now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Desk node")])
    lasts = min(_LASTS, ca.certificate.not_valid_after_utc - now)
    builder = (
        _builder(subject, ca.certificate.subject, key, now, lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()),
            critical=False,
        )
    )
    return _Pair(builder.sign(ca.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Iterable[str]) -> x509.SubjectAlternativeName:
    """Names and addresses, each once; an address that means all of them is none."""
    chosen = dict.fromkeys(name for name in names if name not in _UNSPECIFIED)
    return x509.SubjectAlternativeName([_alternative(name) for name in chosen])


def _alternative(name: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    try:
        return x509.DNSName(name)
    except ValueError as error:
        raise CertificateError(
            f"A certificate cannot be made for {name!r}: name the host in ASCII with --advertise or --host."
        ) from error


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
