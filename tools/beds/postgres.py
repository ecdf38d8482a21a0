"""A throw-away PostgreSQL cluster from the system's packages, on a free port of 127.0.0.1.

Says `{"url": …, "host": …, "port": …, "pid": …}`; everybody is trusted as user `postgres`. TLS is on, with a certificate
of an authority made for it: `ca_file`.
"""

import glob
import os
import shutil
import socket
import subprocess
from pathlib import Path

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "ssl": "on",
}


def start(place: Path) -> dict:
    place.chmod(0o755)
    data = place / "data"
    data.mkdir()
    if os.getuid() == 0:
        # The server refuses to run as root.
        shutil.chown(data, "postgres", "postgres")
    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions")
    certificates(place, data)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**SETTINGS, "port": str(port), "unix_socket_directories": str(data)}
    with open(data / "postgresql.auto.conf", "a") as file:
        file.writelines(f"{key} = '{value}'\n" for key, value in settings.items())
    restart(place)
    return {
        "url": f"postgres://postgres@127.0.0.1:{port}/postgres",
        "host": "127.0.0.1",
        "port": port,
        "pid": int((data / "postmaster.pid").read_text().split()[0]),
        "ca_file": str(place / "ca.pem"),
    }


def restart(place: Path) -> None:
    run("pg_ctl", "-w", "-s", "-D", place / "data", "-l", place / "data" / "log", "start")


def stop(place: Path) -> None:
    """Cuts all connections; what was committed stays."""
    if (place / "data" / "postmaster.pid").exists():
        run("pg_ctl", "-w", "-s", "-m", "fast", "-D", place / "data", "stop")


def kill(place: Path) -> None:
    """As if the power had failed, as far as the server can tell."""
    run("pg_ctl", "-w", "-s", "-m", "immediate", "-D", place / "data", "stop")


def run(program: str, *arguments) -> None:
    command = [find(program), *map(str, arguments)]
    if os.getuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", *command]
    done = subprocess.run(
        command,
        cwd="/",
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed: {done.stdout.decode(errors='replace')}")


def find(program: str) -> str:
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"), key=lambda path: int(path.split("/")[4]))
    chosen = found[-1] if found else shutil.which(program)
    if chosen is None:
        raise RuntimeError(f"{program} is missing; apt-get install postgresql, or run `make beds`")
    return chosen


def certificates(place: Path, data: Path) -> None:
    """An authority in ca.pem, and a certificate of it for localhost and 127.0.0.1 in the server's folder."""
    openssl = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]

    def quietly(*command) -> None:
        subprocess.run(list(map(str, command)), check=True, capture_output=True)

    quietly(
        *openssl, "-x509", "-keyout", place / "ca.key", "-out", place / "ca.pem", "-subj", "/CN=Test authority",
        "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    quietly(*openssl, "-keyout", data / "server.key", "-out", place / "request.pem", "-subj", "/CN=localhost")
    extensions = place / "extensions"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    quietly(
        "openssl", "x509", "-req", "-in", place / "request.pem", "-CA", place / "ca.pem", "-CAkey", place / "ca.key",
        "-CAcreateserial", "-out", data / "server.crt", "-days", "30", "-extfile", extensions,
    )  # fmt: skip
    (place / "ca.key").unlink()
    (data / "server.key").chmod(0o600)
    if os.getuid() == 0:
        for file in ("server.key", "server.crt"):
            shutil.chown(data / file, "postgres", "postgres")
