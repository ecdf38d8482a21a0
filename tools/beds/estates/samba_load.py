#!/usr/bin/python3
"""Writes the estate straight into sam.ldb of a domain controller that does not run.

usage: samba_load.py SMB.CONF TRUTH.JSON ACCOUNT PASSWORD; needs the python3 that Debian's python3-samba is for.
"""

import base64
import json
import sys

from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

import directory
from directory import BASE


def attribute(name: str, value: str) -> str:
    """A line of LDIF; text that is not plain goes in base64."""
    if value.isascii() and value[:1] not in (" ", ":", "<") and not value.endswith(" "):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


def entry(dn: str, *pairs: tuple[str, str]) -> str:
    return attribute("dn", dn) + "".join(attribute(name, value) for name, value in pairs)


def main() -> None:
    conf, truth_file, account, password = sys.argv[1:5]
    lp = LoadParm()
    lp.load(conf)
    db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp)
    assert str(db.domain_dn()) == BASE
    persons, groups = directory.plan()
    quoted = base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()

    db.transaction_start()
    ldif = [entry(f"OU={unit},{BASE}", ("objectClass", "organizationalUnit")) for unit in ("Staff", "Teams", "Machines", "Scratch")]
    ldif.append(
        entry(
            f"CN={account},CN=Users,{BASE}",
            ("objectClass", "user"), ("sAMAccountName", account), ("userPrincipalName", f"{account}@corp.example"),
            ("userAccountControl", "66048"),
        )
        + f"unicodePwd:: {quoted}\n"
    )  # fmt: skip
    for person in persons:
        ldif.append(
            entry(
                person["dn"],
                ("objectClass", "user"), ("sAMAccountName", person["login"]), ("displayName", person["name"]),
                ("mail", f"{person['login']}@corp.example"), ("telephoneNumber", "+49 30 1234"),
                ("userAccountControl", "546" if person["disabled"] else "544"),
            )
        )  # fmt: skip
    for i in (1, 2):
        machine = (("objectClass", "computer"), ("sAMAccountName", f"PC-{i}$"), ("userAccountControl", "4096"))
        ldif.append(entry(f"CN=PC-{i},OU=Machines,{BASE}", *machine))
    ldif.append(entry(f"CN=Contact 1,OU=Staff,{BASE}", ("objectClass", "contact"), ("mail", "contact@elsewhere.example")))
    db.add_ldif("\n".join(ldif))

    # Groups first without members: they hold each other.
    for at, group in enumerate(groups):
        pairs = [("objectClass", "group"), ("sAMAccountName", f"g{at:04d}" if "," in group["name"] else group["name"])]
        pairs += [("managedBy", group["manager"])] if group["manager"] else []
        pairs += [("mail", f"g{at:04d}@corp.example")] if group["mail"] else []
        db.add_ldif(entry(group["dn"], *pairs))
    for group in groups:
        if group["members"]:
            lines = "".join(attribute("member", member) for member in group["members"])
            db.modify_ldif(attribute("dn", group["dn"]) + "changetype: modify\nadd: member\n" + lines)
    # A primary group is a number; who gets one has to be a member, and then no longer is.
    for person in persons:
        if person["primary"]:
            dn = next(group["dn"] for group in groups if group["name"] == person["primary"])
            token = db.search(base=dn, scope=0, attrs=["primaryGroupToken"])[0]["primaryGroupToken"][0].decode()
            db.modify_ldif(attribute("dn", dn) + "changetype: modify\nadd: member\n" + attribute("member", person["dn"]))
            change = "changetype: modify\nreplace: primaryGroupID\n" + attribute("primaryGroupID", token)
            db.modify_ldif(attribute("dn", person["dn"]) + change)
    # The packed domain may be unpacked months later: passwords must not have expired then.
    db.modify_ldif(f"dn: {BASE}\nchangetype: modify\nreplace: maxPwdAge\nmaxPwdAge: -9223372036854775808\n")
    db.transaction_commit()
    with open(truth_file, "w") as file:
        json.dump(directory.truth(persons, groups), file)


if __name__ == "__main__":
    main()
