"""A Samba Active Directory domain controller (its LDAP service alone) from Debian's packages, with the estate of
`estates/directory.py`.

Says `{"url": "ldaps://…", "starttls_url": "ldap://…", "ca_file": …, "bind_dn": …, "password": …, "base": …, "truth": FILE}`.

Needs root. The ports 389 and 636 cannot be changed, so each controller gets a loopback address of its own. Making the
domain takes a minute; it is packed into ~/.cache/portal-beds once, and unpacked from there.
"""

import errno
import fcntl
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from pathlib import Path

from parts import certificates
from parts.certificates import run

HERE = Path(__file__).resolve().parent
ESTATES = HERE / "estates"
BASE = "DC=corp,DC=example"
ACCOUNT, PASSWORD = "svc-portal", "Svc-Passw0rd!"
ADMIN_PASSWORD = "Adm-Passw0rd!"
PROVISION = [
    "--realm=CORP.EXAMPLE", "--domain=CORP", "--server-role=dc", "--dns-backend=NONE", f"--adminpass={ADMIN_PASSWORD}",
    "--host-name=dc1", "--host-ip=127.0.0.1", "--option=interfaces=127.0.0.1", "--option=bind interfaces only=yes",
]  # fmt: skip
# Stands in smb.conf for the folder, as long as the domain is packed.
ANYWHERE = "@PLACE@"
PROGRAMS = {"samba": "samba-ad-dc", "samba-tool": "samba", "setpriv": "util-linux", "openssl": "openssl"}
LONGEST_START_SECONDS = 60


def start(place: Path) -> dict:
    if os.getuid() != 0:
        raise RuntimeError("a Samba domain controller needs root (ports 389 and 636); run the tests as root")
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing; apt-get install {package}, or run `make beds`")
    unpack(packed(), place)
    address = free_address()
    (place / "address").write_text(address)
    certificates.make(place / "ca.pem", place / "key.pem", place / "cert.pem", f"DNS:dc1.corp.example,IP:{address}", certificates.RSA)
    restart(place)
    return {
        "url": f"ldaps://{address}",
        "starttls_url": f"ldap://{address}",
        "address": address,
        "ca_file": str(place / "ca.pem"),
        "bind_dn": f"CN={ACCOUNT},CN=Users,{BASE}",
        "password": PASSWORD,
        "admin": "Administrator@corp.example",
        "admin_password": ADMIN_PASSWORD,
        "base": BASE,
        "truth": str(place / "domain" / "truth.json"),
    }


def restart(place: Path) -> None:
    address, domain = (place / "address").read_text(), place / "domain"
    options = {
        "server services": "ldap",
        # With its net, because Samba takes a bare address only if an interface has it; the loopback answers to all of 127.
        "interfaces": f"{address}/8",
        "bind interfaces only": "yes",
        "log file": domain / "log.%m",
        "pid directory": domain / "run",
        "ncalrpc dir": domain / "run" / "ncalrpc",
        "tls keyfile": place / "key.pem",
        "tls certfile": place / "cert.pem",
        "tls cafile": place / "ca.pem",
    }
    (domain / "run").mkdir(exist_ok=True)
    settings = [f"--option={key}={value}" for key, value in options.items()]
    log = open(place / "log", "ab")
    # It must not outlive whoever keeps it, also if that is killed.
    command = ["setpriv", "--pdeathsig", "KILL", "samba", "-i", "-M", "single", "-s", domain / "etc" / "smb.conf"]
    server = subprocess.Popen(
        [*map(str, command), *settings], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    log.close()
    (place / "pid").write_text(str(server.pid))
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while not (answers(address, 389) and answers(address, 636)):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("samba did not start: " + (place / "log").read_text(errors="replace")[-2000:])
        time.sleep(0.05)


def stop(place: Path) -> None:
    end(place, signal.SIGTERM)


def kill(place: Path) -> None:
    end(place, signal.SIGKILL)


def end(place: Path, how: int) -> None:
    file = place / "pid"
    if not file.exists():
        return
    pid = int(file.read_text())
    file.unlink()
    try:
        os.killpg(pid, how)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 10
    while True:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:
            return
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            deadline += 10
        time.sleep(0.02)


def packed() -> Path:
    """The packed domain of exactly this estate and this Samba; made if it is not there."""
    version = subprocess.run(["samba", "--version"], capture_output=True, check=True).stdout
    scripts = [(ESTATES / name).read_bytes() for name in ("directory.py", "samba_load.py")]
    parts = [version, repr((PROVISION, ACCOUNT, PASSWORD)).encode(), *scripts]
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "portal-beds"
    cache.mkdir(parents=True, exist_ok=True)
    found = cache / f"samba-{key}.tar.gz"
    with open(cache / "samba.lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.exists():
            make(cache, found)
            others = [path for path in cache.glob("samba-*.tar.gz") if path != found]
            for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-3]:
                path.unlink()
    return found


def make(cache: Path, found: Path) -> None:
    # One at a time works here, and one that was killed left its work behind.
    work = cache / "samba-work"
    shutil.rmtree(work, ignore_errors=True)
    domain = work / "domain"
    try:
        run("samba-tool", "domain", "provision", *PROVISION, f"--targetdir={domain}")
        truth = domain / "truth.json"
        # Debian builds Samba's modules for its own Python only.
        run("/usr/bin/python3", ESTATES / "samba_load.py", domain / "etc" / "smb.conf", truth, ACCOUNT, PASSWORD)
        conf = domain / "etc" / "smb.conf"
        conf.write_text(conf.read_text().replace(str(work), ANYWHERE))
        written = work / "packed"
        with tarfile.open(written, "w:gz", compresslevel=3) as tar:
            tar.add(domain, "domain")
        written.rename(found)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def unpack(archive: Path, place: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(place)
    conf = place / "domain" / "etc" / "smb.conf"
    conf.write_text(conf.read_text().replace(ANYWHERE, str(place)))


def free_address() -> str:
    """An address of this machine alone, with nobody at Samba's ports. By chance, so that two do not seek the same."""
    for _ in range(100):
        address = f"127.{random.randint(64, 127)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
        try:
            for port in (389, 636):
                with socket.socket() as probe:
                    probe.bind((address, port))
            return address
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise RuntimeError("there is no free loopback address for the ports 389 and 636; does something listen on 0.0.0.0:389?")


def answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False
