"""Certificates of an authority that is made for one server and can make no more."""

import subprocess
from pathlib import Path

# What clients of one library or another take.
EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
RSA = ["-newkey", "rsa:2048"]


def make(authority: Path, key: Path, certificate: Path, names: str, kind: list[str] = EC) -> None:
    """An authority in `authority`, and a key with a certificate of it for `names`, such as `DNS:localhost,IP:127.0.0.1`."""
    place = authority.parent
    new = ["openssl", "req", *kind, "-nodes"]
    run(
        *new, "-x509", "-days", "30", "-keyout", place / "ca.key", "-out", authority, "-subj", "/CN=Test authority",
        "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    run(*new, "-keyout", key, "-out", place / "request.pem", "-subj", "/CN=server of a test")
    extensions = place / "extensions"
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    run(
        "openssl", "x509", "-req", "-in", place / "request.pem", "-CA", authority, "-CAkey", place / "ca.key",
        "-CAcreateserial", "-out", certificate, "-days", "30", "-extfile", extensions,
    )  # fmt: skip
    key.chmod(0o600)
    (place / "ca.key").unlink()


def run(*command) -> None:
    """A program that has to succeed; what it says is shown if it does not."""
    done = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stdout.decode(errors='replace')[-3000:]}")
