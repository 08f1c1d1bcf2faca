"""The local Cloudflare by the names of the real one: over TLS, with a certificate of an authority made for the test.

Programs reach it through a proxy, which connects both names to this machine and no other name to anything.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gatewright.facts.local_cloudflare import LOCAL_HOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("api.cloudflare.com", "gateway.ai.cloudflare.com")
_LIFE = timedelta(days=1)
_KEY_USES = dict.fromkeys(
    (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    ),
    False,
)  # fmt: skip


class Proxy(ThreadingTCPServer):
    """Takes TLS connections for `NAMES`, and passes what they say to `server_port`. `names` are those asked for."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, server_port: int, context: ssl.SSLContext) -> None:
        super().__init__((LOCAL_HOST, 0), _Connection)
        self.server_port = server_port
        self.context = context
        self.names: list[str] = []


@contextmanager
def by_name(port: int, folder: Path) -> Iterator[tuple[Proxy, dict[str, str]]]:
    """The proxy to the local Cloudflare at `port`, and the variables with which programs use it and trust its
    certificate, which is kept in `folder`."""
    context, authority = _certificate(folder)
    with Proxy(port, context) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        variables = {
            "HTTPS_PROXY": f"http://{LOCAL_HOST}:{proxy.server_address[1]}",
            "NO_PROXY": "",
            "SSL_CERT_FILE": str(authority),
        }
        try:
            yield proxy, {**variables, **{name.lower(): value for name, value in variables.items() if "PROXY" in name}}
        finally:
            proxy.shutdown()
            thread.join()


class _Connection(StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        words = self.rfile.readline(1000).decode("latin-1").split()
        while self.rfile.readline(10_000).strip():
            pass
        name, _, port = words[1].partition(":") if words[:1] == ["CONNECT"] else ("", "", "")
        self.server.names.append(name)
        if name not in NAMES or port != "443":
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            with (
                self.server.context.wrap_socket(self.connection, server_side=True) as client,
                socket.create_connection((LOCAL_HOST, self.server.server_port)) as server,
            ):
                _relay(client, server, name)
        except OSError:  # one of the two is gone, or the client does not trust the certificate
            return


def _relay(client: ssl.SSLSocket, server: socket.socket, name: str) -> None:
    """Pass on what either says, until one ends.

    The server answers to the names of this machine only, so that no page of another host can call it. The head of a
    request comes as a whole.
    """
    asked, known = f"\r\nHost: {name}\r\n".encode(), f"\r\nHost: {LOCAL_HOST}\r\n".encode()
    while True:
        ready = [client] if client.pending() else select.select([client, server], [], [])[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            if source is client:
                server.sendall(data.replace(asked, known))
            else:
                client.sendall(data)


def _certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for `NAMES`, and the file of the authority that signed it."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of tests")])
    authority = (
        _unsigned(issuer, issuer, authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_KEY_USES | {"key_cert_sign": True}), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0])])
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _unsigned(subject, issuer, key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES]), critical=False)
        .add_extension(issued_by, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    file, chain = folder / "authority.pem", folder / "server.pem"
    file.write_bytes(authority.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context, file


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
