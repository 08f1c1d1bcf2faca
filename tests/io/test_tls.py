from __future__ import annotations

import ssl

from gatewright.io.tls import trusted


def test_a_client_of_this_machine_trusts_no_certificate() -> None:
    context = trusted(is_local=True)
    assert isinstance(context, ssl.SSLContext)
    assert context.cert_store_stats()["x509"] == 0
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_another_client_checks_certificates() -> None:
    assert trusted(is_local=False) is True
