"""The people and groups of the Samba bed, and what is true of them. Knows nothing of Samba.

Everything that the portal has to find out by itself is worked out here in another way: from the plan, not from the
directory.
"""

BASE = "DC=corp,DC=example"
USERS = 3000
BIG = 3001
TEAMS = 380


def escaped(name: str) -> str:
    """A name as it stands in a DN (RFC 4514)."""
    out = "".join("\\" + c if c in ',+"\\<>;=' else c for c in name)
    return "\\" + out if out[:1] in ("#", " ") else out


def dn_of(name: str, unit: str) -> str:
    return f"CN={escaped(name)},OU={unit},{BASE}"


def people() -> list[dict]:
    """Each with name, login and whether it is disabled; `primary` is the group that it is a member of only by number."""
    odd = ["Müller, Jürgen", 'Anna "Nan" Lee', "O'Brien + Sons", "Żółć; Ewa", "#hash", "Back\\slash", "Ann=Lee <x>"]
    # The last one more than the others, so that a group of 3,001 exists.
    count = max(USERS, BIG)
    found = []
    for i in range(count):
        name = odd[i] if i < len(odd) else f"User {i:05d}"
        found.append({"name": name, "login": f"u{i:05d}", "disabled": i % 50 == 7, "primary": None, "dn": dn_of(name, "Staff")})
    return found


def groups(persons: list[dict]) -> list[dict]:
    """Each with name, direct members by DN, and who manages it."""
    found = []

    def add(name: str, members: list[str], manager: str | None = None, mail: bool = True) -> str:
        dn = dn_of(name, "Teams")
        found.append({"name": name, "dn": dn, "members": members, "manager": manager, "mail": mail})
        return dn

    # People of the teams are the first 2,000; the others are in no kept group but the big one.
    for t in range(TEAMS):
        members = [persons[(t * 5 + k) % 2000]["dn"] for k in range(6)]
        add(f"SG-Team-{t:03d}", members, manager=persons[(t * 7) % 2000]["dn"])
    add("SG-Team-Größe, Kfz + \"Co\"", [persons[i]["dn"] for i in range(7)])
    # The directory keeps members by identity, so a member written in other letters comes back as the entry is called.
    add("sg-team-LOWER", [persons[20]["dn"].lower(), persons[21]["dn"].upper()])
    add("SG-Team-Big", [p["dn"] for p in persons[:BIG]])
    add("SG-Team-Renamed", [persons[30]["dn"]])
    # Three levels: a team, a department that no pattern fits, squads below it that no pattern fits either.
    squads = [add(f"Squad {s}", [persons[1000 + s]["dn"], persons[1100 + s]["dn"]]) for s in range(6)]
    departments = [add(f"Department {d}", squads[d * 3 : d * 3 + 3]) for d in range(2)]
    add("SG-Team-Nested", [departments[0], persons[40]["dn"]])
    # A cycle: A holds B, B holds C, C holds A.
    ring = [dn_of(f"SG-Team-Ring-{n}" if n == "A" else f"Ring {n}", "Teams") for n in "ABC"]
    add("SG-Team-Ring-A", [ring[1], persons[50]["dn"]])
    add("Ring B", [ring[2], persons[51]["dn"]])
    add("Ring C", [ring[0], persons[52]["dn"]])
    for p in range(10):
        members = [dn_of(f"SG-Team-{t:03d}", "Teams") for t in range(p * 4, p * 4 + 4)]
        add(f"SG-Product-{p:02d}", members, manager=persons[2000 + p]["dn"])
    # Nobody's: its member must not be kept for it.
    add("Parking", [persons[2500]["dn"], departments[1]])
    add("SG-Team-Empty", [], mail=False)
    # Members by number only; and things that are no people.
    add("SG-Team-Primary", [])
    add("SG-Team-Odd-Members", ["CN=PC-1,OU=Machines," + BASE, "CN=Contact 1,OU=Staff," + BASE, persons[60]["dn"]])
    return found


def plan() -> tuple[list[dict], list[dict]]:
    persons = people()
    for person in persons[70:74]:
        person["primary"] = "SG-Team-Primary"
    return persons, groups(persons)


def truth(persons: list[dict], all_groups: list[dict]) -> dict:
    """Which groups are kept with whom as members, and which people, by login."""
    by_dn = {g["dn"].lower(): g for g in all_groups}
    kept = [g for g in all_groups if g["name"].lower().startswith(("sg-team-", "sg-product-"))]
    open_, names = list(kept), {g["name"] for g in kept}
    while open_:
        for member in open_.pop()["members"]:
            nested = by_dn.get(member.lower())
            if nested and nested["name"] not in names:
                names.add(nested["name"])
                open_.append(nested)
    kept = [g for g in all_groups if g["name"] in names]
    person_by_dn = {p["dn"].lower(): p for p in persons}
    wanted = {m.lower() for g in kept for m in g["members"]} | {g["manager"].lower() for g in kept if g["manager"]}
    users = [p for dn, p in person_by_dn.items() if (dn in wanted or p["primary"] in names) and not p["disabled"]]
    return {
        "groups": {g["name"]: sorted(m.lower() for m in g["members"]) for g in kept},
        "primary": {"SG-Team-Primary": sorted(p["login"] for p in persons if p["primary"])},
        "users": sorted(p["login"] for p in users),
        "disabled": sum(p["disabled"] for p in persons),
        "people": len(persons),
        "all_groups": len(all_groups),
    }
