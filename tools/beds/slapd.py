"""An OpenLDAP server from Debian's packages on free ports of 127.0.0.1, with plain `groupOfNames`, `groupOfUniqueNames`
and `inetOrgPerson` and no schema of Active Directory.

Says `{"url": "ldaps://…", "starttls_url": "ldap://…", "ca_file": …, "bind_dn": …, "password": …, "base": …, …}`. Accounts
`blind_dn` (sees nothing), `groups_dn` (sees groups and no people) and `list_dn` (lists 100 entries at most, also by pages)
have the same password. A search without pages gets 1,000 entries, as OpenLDAP has it.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from parts import certificates
from parts.certificates import run

BASE = "dc=corp,dc=example"
PASSWORD = "secret, really"
PEOPLE, TEAMS = 1100, 30
LONGEST_START_SECONDS = 30

SETTINGS = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {place}/cert.pem
TLSCertificateKeyFile {place}/key.pem
pidfile {place}/pid
sizelimit size.soft=1000 size.hard=1000 size.prtotal=unlimited size.pr=1000
database mdb
maxsize 134217728
suffix {base}
rootdn cn=admin,{base}
rootpw "{password}"
directory {place}/data
dbnosync
index objectClass,entryUUID eq
limits dn.exact="cn=list,{base}" size.soft=100 size.hard=100 size.prtotal=100
access to attrs=userPassword by * auth
access to dn.subtree="ou=Staff,{base}" by dn.exact="cn=groups,{base}" none by dn.exact="cn=blind,{base}" none by users read by * none
access to * by dn.exact="cn=blind,{base}" none by users read by * none
"""


def start(place: Path) -> dict:
    for program in (find("slapd"), find("slapadd"), "openssl"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing; apt-get install slapd openssl, or run `make beds`")
    (place / "data").mkdir()
    # The certificate is for 127.0.0.1 alone: `localhost` is another name.
    certificates.make(place / "ca.pem", place / "key.pem", place / "cert.pem", "IP:127.0.0.1")
    (place / "slapd.conf").write_text(SETTINGS.format(place=place, base=BASE, password=PASSWORD))
    (place / "estate.ldif").write_text(estate())
    run(find("slapadd"), "-q", "-f", place / "slapd.conf", "-l", place / "estate.ldif")
    ports = free_ports(2)
    (place / "ports").write_text(" ".join(map(str, ports)))
    restart(place)
    return {
        "url": f"ldaps://127.0.0.1:{ports[0]}",
        "starttls_url": f"ldap://127.0.0.1:{ports[1]}",
        "ca_file": str(place / "ca.pem"),
        "bind_dn": f"cn=portal,{BASE}",
        "blind_dn": f"cn=blind,{BASE}",
        "groups_dn": f"cn=groups,{BASE}",
        "list_dn": f"cn=list,{BASE}",
        "password": PASSWORD,
        "base": BASE,
        "people": PEOPLE,
        "teams": TEAMS,
    }


def restart(place: Path) -> None:
    tls, plain = (place / "ports").read_text().split()
    log = open(place / "log", "ab")
    server = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", find("slapd"), "-f", str(place / "slapd.conf"), "-d", "0",
         "-h", f"ldaps://127.0.0.1:{tls}/ ldap://127.0.0.1:{plain}/"],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    log.close()
    (place / "server").write_text(str(server.pid))
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while not all(answers(int(port)) for port in (tls, plain)):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("slapd did not start: " + (place / "log").read_text(errors="replace")[-2000:])
        time.sleep(0.02)


def stop(place: Path) -> None:
    end(place, signal.SIGTERM)


def kill(place: Path) -> None:
    end(place, signal.SIGKILL)


def end(place: Path, how: int) -> None:
    file = place / "server"
    if not file.exists():
        return
    pid = int(file.read_text())
    file.unlink()
    try:
        os.kill(pid, how)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def estate() -> str:
    """People, teams of five, a nested group, and one of each odd thing. Hashes of passwords are left out: plain will do."""
    people = [f"cn=Person {i:04d},ou=Staff,{BASE}" for i in range(PEOPLE)]
    out = [f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: corp\ndc: corp\n"]
    out += [f"dn: ou={unit},{BASE}\nobjectClass: organizationalUnit\nou: {unit}\n" for unit in ("Staff", "Teams", "Empty")]
    for account in ("portal", "blind", "groups", "list"):
        out.append(
            f"dn: cn={account},{BASE}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: {account}\n"
            f"userPassword: {PASSWORD}\n"
        )
    for i, dn in enumerate(people):
        out.append(f"dn: {dn}\nobjectClass: inetOrgPerson\ncn: Person {i:04d}\nsn: P{i}\nmail: p{i:04d}@corp.example\ntelephoneNumber: 1\n")
    for t in range(TEAMS):
        members = "".join(f"member: {people[(t * 5 + k) % PEOPLE]}\n" for k in range(5))
        out.append(f"dn: cn=SG-Team-{t:02d},ou=Teams,{BASE}\nobjectClass: groupOfNames\ncn: SG-Team-{t:02d}\ndescription: Team {t}\n{members}")
    # Written as nobody else writes it, which is the same to a directory.
    odd = f"member: CN=person  0200, OU=staff,DC=Corp,dc=EXAMPLE\nmember: cn=Squad,ou=Teams,{BASE}\n"
    out.append(f"dn: cn=SG-Team-Odd\\2C Spelling,ou=Teams,{BASE}\nobjectClass: groupOfNames\ncn: SG-Team-Odd, Spelling\n{odd}")
    out.append(f"dn: cn=Squad,ou=Teams,{BASE}\nobjectClass: groupOfUniqueNames\ncn: Squad\nuniqueMember: {people[201]}\n")
    out.append(f"dn: cn=Nobodys,ou=Teams,{BASE}\nobjectClass: groupOfNames\ncn: Nobodys\nmember: {people[900]}\n")
    return "\n".join(out)


def find(program: str) -> str:
    return shutil.which(program) or f"/usr/sbin/{program}"


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
