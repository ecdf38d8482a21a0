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

from parts import certificates

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
    certificates.make(place / "ca.pem", data / "server.key", data / "server.crt", "DNS:localhost,IP:127.0.0.1")
    if os.getuid() == 0:
        for file in ("server.key", "server.crt"):
            shutil.chown(data / file, "postgres", "postgres")
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
