"""What the AWS bed holds, and what is true of it.

Every thing is planned together with its truth: the truth is what was meant, it is never read back from the tags.
Nothing here knows moto; `aws_estate.py` builds the plan, `aws_server.py` serves it.
"""

import random
import uuid
from dataclasses import dataclass, field
from typing import NamedTuple

SEED = 20260117
MANAGEMENT = "123456789012"
REGIONS = {"eu-west-1": "euw1", "us-east-1": "use1", "ap-southeast-2": "apse2"}
ROLE = "portal-collector"
EXTERNAL_ID = "portal-bed-7f3a"
MARKER = "PLANTED-SECRET"

PRODUCTS = {
    "checkout": {"payments": ["pay", "Payments Squad"], "cart": ["Basket Team"], "fraud": ["Risk and Fraud"]},
    "catalog": {"search": ["Discovery"], "product-data": ["PIM"], "pricing": ["Price Engine"]},
    "logistics": {"warehouse": ["WMS"], "shipping": ["Parcel Crew"], "returns": ["Reverse Logistics"]},
    "platform": {"identity": ["Login Squad"], "observability": ["o11y"], "developer-experience": ["DevEx"]},
    "insights": {"data-platform": ["DWH"], "experimentation": ["AB Testing"], "customer-insights": ["CRM Analytics"]},
}
ALIASES = {team: aliases for teams in PRODUCTS.values() for team, aliases in teams.items()}
TEAMS = list(ALIASES)
STRANGERS = ["legacy-7", "Legacy-3", "Growth Hackers", "tbd"]
TEAM_KEYS = ["team", "Team", "TEAM", "owner", "Owner", "portal.dev/team"]

APPS = ["checkout", "catalog", "logistics", "identity", "insights", "storefront", "backoffice"]
ENVIRONMENTS = ["dev", "staging", "prod"]
NOUNS = ["orders", "invoices", "carts", "events", "profiles", "sessions", "shipments", "prices", "reviews", "refunds"]
COUNTS = {"bucket": 7, "table": 5, "queue": 3, "topic": 2, "function": 6, "stack": 2}
COUNTS |= {"database": 2, "database-cluster": 1}
# One scope is larger than one page of every list that moto pages.
CROWD = COUNTS | {"bucket": 30, "database": 105, "table": 110, "stack": 52, "function": 60}
MEMBER_TYPES = ["topic", "bucket", "table", "queue", "function", "database"]

ARNS = {
    "bucket": "arn:aws:s3:::{name}",
    "database": "arn:aws:rds:{region}:{account}:db:{name}",
    "database-cluster": "arn:aws:rds:{region}:{account}:cluster:{name}",
    "table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "queue": "arn:aws:sqs:{region}:{account}:{name}",
    "topic": "arn:aws:sns:{region}:{account}:{name}",
    "stack": "arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid}",
}
SECRETS = {
    "DB_PASSWORD": "{secret}",
    "API_TOKEN": "tok_{secret}",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T024BE7LD/B024BE7LE/{secret}",
    "DATABASE_URL": "postgres://app:{secret}@pg.internal.test:5432/orders",
    "CALLBACK_URL": "https://partner.example.test/hook?token={secret}",
    "SETTINGS": '{{"smtp": {{"user": "app", "pass": "{secret}"}}}}',
}
# A thing without an owner of its own that functions refer to: its type and tags, how they refer, how many they are.
USED = [
    ("queue", {"env": "prod"}, "source", 1),
    ("queue", {"env": "prod"}, "source", 2),
    ("queue", {"env": "prod"}, "arn", 2),
    ("table", {}, "name", 1),
    ("table", {}, "arn", 2),
    ("table", {"team": ""}, "name", 1),
    ("bucket", {}, "arn", 1),
]


class Claim(NamedTuple):
    """What is true of a thing's ownership, and the rule that says so."""

    state: str
    team: str | None = None
    rule: str | None = None


NOTHING = Claim("unowned")


@dataclass
class Thing:
    type: str
    account: str
    region: str
    name: str
    tags: dict[str, str]
    claim: Claim
    # The stack that creates it, or the Aurora cluster of an instance.
    parent: "Thing | None" = None
    env: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    @property
    def arn(self) -> str:
        stable = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.account}/{self.region}/{self.name}")
        return ARNS[self.type].format(**vars(self), uuid=stable)

    @property
    def truth(self) -> Claim:
        if self.claim != NOTHING or self.parent is None or self.parent.claim == NOTHING:
            return self.claim
        return self.parent.claim._replace(rule="inherited")


class Plan:
    def __init__(self, members: int, changes: int = 0):
        self.rng = random.Random(SEED)
        self.things: list[Thing] = []
        self.accounts = [{"id": MANAGEMENT, "name": "acme-management", "state": "ACTIVE"}]
        self.accounts += [self._account(i) for i in range(members)]
        self.refused, self.suspended = self.accounts[-2], self.accounts[-1]
        self.suspended["state"] = "SUSPENDED"
        readable = self.accounts[1:-2]
        scopes = [(account, region) for account in readable for region in REGIONS]
        for account, region in scopes:
            self._fill(account, region, CROWD if (account, region) == scopes[0] else COUNTS)
        for n, case in enumerate(USED):
            self._used(n, *scopes[n * 7 % len(scopes)], *case)
        self._contested(*scopes[1])
        self.denied = [self._locked(*scopes[n * 5 % len(scopes)]) for n in range(1, 4)]
        self.mutated = self._mutate(changes)

    def truth(self) -> dict:
        return {
            "teams": [
                {"name": team, "aliases": aliases, "product": product}
                for product, teams in PRODUCTS.items()
                for team, aliases in teams.items()
            ],
            "management_account": MANAGEMENT,
            "accounts": self.accounts,
            "refused_account": self.refused["id"],
            "suspended_account": self.suspended["id"],
            "regions": list(REGIONS),
            "role": ROLE,
            "external_id": EXTERNAL_ID,
            "secrets_marker": MARKER,
            "resources": {
                thing.arn: thing.truth._asdict()
                | {"type": thing.type, "account": thing.account, "region": thing.region}
                for thing in self.things
            },
            "denied_tag_buckets": [bucket.arn for bucket in self.denied],
            "mutated": self.mutated,
        }

    def _account(self, n: int) -> dict:
        # The first id starts with zeros: an id that is read as a number does not survive.
        digits = "00" if n == 0 else str(self.rng.randrange(10, 100))
        era = n // (len(APPS) * len(ENVIRONMENTS)) or ""
        name = f"{APPS[n // 3 % len(APPS)]}{era}-{ENVIRONMENTS[n % 3]}"
        return {"id": f"{digits}{self.rng.randrange(10**10):010}", "name": name, "state": "ACTIVE"}

    def _add(self, type, account, region, name, tags, claim, parent=None, **more) -> Thing:
        # Queues and topics are seen through the tagging API only, which lists what has a tag.
        if type in ("queue", "topic") and not tags or self.rng.random() < 0.4:
            tags = tags | {"env": account["name"].rpartition("-")[2]}
        # Names of buckets are global; those of all else repeat over accounts and regions.
        if type == "bucket":
            name = f"{account['name']}-{REGIONS[region]}-{name}"
        thing = Thing(type, account["id"], region, name, tags, claim, parent, **more)
        self.things.append(thing)
        return thing

    def _fill(self, account, region, counts):
        start = len(self.things)
        for type in ("bucket", "database", "table", "queue", "topic"):
            for n in range(counts[type]):
                self._add(type, account, region, f"{self.rng.choice(NOUNS)}-{type}-{n}", *self._tags())
        for n in range(counts["database-cluster"]):
            name = f"{self.rng.choice(NOUNS)}-aurora-{n}"
            cluster = self._add("database-cluster", account, region, name, *self._tags())
            for k in (1, 2):
                self._add("database", account, region, f"{name}-{k}", *self._tags(untagged=0.7), cluster)
        for n in range(counts["stack"]):
            self._stack(account, region, f"{self.rng.choice(NOUNS)}-stack-{n}")
        # Functions refer only to what is claimed by its own tags, so that no used-by ownership comes about by accident.
        referable = ("bucket", "table", "queue", "topic")
        claimed = [t for t in self.things[start:] if t.claim != NOTHING and t.type in referable]
        for n in range(counts["function"]):
            name = f"{account['name']}-{REGIONS[region]}-handle-{self.rng.choice(NOUNS)}-{n}"
            self._function(account, region, name, *self._tags(), self.rng.sample(claimed, min(3, len(claimed))))
        # The same name in every environment and region: one service with many workloads, always of one team.
        app = account["name"].rpartition("-")[0]
        self._function(account, region, f"{app}-api", *self._owned(TEAMS[APPS.index(app.rstrip("0123456789")) * 2]), [])

    def _stack(self, account, region, name):
        stack = self._add("stack", account, region, name, *self._tags(untagged=0.3))
        for type in self.rng.sample(MEMBER_TYPES, 3):
            tags, claim = self._tags(untagged=0.65)
            # AWS marks what a stack creates with tags of its own; some services do not, so half of them show none.
            if self.rng.random() < 0.5:
                tags |= {"aws:cloudformation:stack-name": name, "aws:cloudformation:stack-id": stack.arn}
            self._add(type, account, region, f"{name}-{type}", tags, claim, stack)

    def _function(self, account, region, name, tags, claim, refers_to) -> Thing:
        env, sources = {"LOG_LEVEL": "info"}, []
        for prefix, thing in zip(("PRIMARY", "TARGET", "ARCHIVE"), refers_to, strict=False):
            if thing.type == "queue" and self.rng.random() < 0.5:
                sources.append(thing.arn)
                continue
            forms = {"_ARN": thing.arn, "": thing.name}
            if thing.type == "queue":
                forms["_URL"] = f"https://sqs.{region}.amazonaws.com/{thing.account}/{thing.name}"
            form = self.rng.choice(sorted(forms)) if thing.type != "topic" else "_ARN"
            env[f"{prefix}_{thing.type.upper()}{form}"] = forms[form]
        for key in self.rng.sample(sorted(SECRETS), self.rng.choice([0, 0, 1, 2])):
            env[key] = SECRETS[key].format(secret=f"{MARKER}-{self.rng.randrange(10**6)}")
        return self._add("function", account, region, name, tags, claim, env=env, sources=sources)

    def _used(self, n, account, region, type, tags, how, users):
        team = TEAMS[n * 3 % len(TEAMS)]
        thing = self._add(type, account, region, f"shared-{type}-{n}", tags, Claim("owned", team, "used-by"))
        for k in range(users):
            self._user(account, region, f"uses-{n}-{k}", team, thing, how)

    def _contested(self, account, region):
        thing = self._add("table", account, region, "contested-table", {}, NOTHING)
        for k, team in enumerate(TEAMS[:2]):
            self._user(account, region, f"contests-{k}", team, thing, "name")

    def _user(self, account, region, name, team, thing, how):
        name = f"{account['name']}-{REGIONS[region]}-{name}"
        function = self._function(account, region, name, *self._owned(team), [])
        if how == "source":
            function.sources.append(thing.arn)
        else:
            form, value = ("_ARN", thing.arn) if how == "arn" else ("", thing.name)
            function.env[f"SHARED_{thing.type.upper()}{form}"] = value

    def _locked(self, account, region) -> Thing:
        """A bucket whose tags nobody may read; it has none, so that no other call gives an owner away."""
        bucket = self._add("bucket", account, region, "locked", {}, Claim("unknown"))
        bucket.tags = {}
        return bucket

    def _mutate(self, changes: int) -> dict:
        """What differs from the estate without `--mutate`: every second change retags, the others delete."""
        plain = [t for t in self.things if t.type in ("bucket", "table") and t.parent is None and t.claim.rule == "tag"]
        chosen = self.rng.sample(plain, changes)
        for thing in chosen[::2]:
            team = self.rng.choice([team for team in TEAMS if team != thing.claim.team])
            thing.tags, thing.claim = {"team": team}, Claim("owned", team, "tag")
        for thing in chosen[1::2]:
            self.things.remove(thing)
        return {"retagged": [t.arn for t in chosen[::2]], "deleted": [t.arn for t in chosen[1::2]]}

    def _tags(self, untagged: float = 0.2) -> tuple[dict[str, str], Claim]:
        if self.rng.random() < untagged:
            return {}, NOTHING
        a, b = self.rng.sample(TEAMS, 2)
        stranger = self.rng.choice(STRANGERS)
        one, other, conflict = self._spelt(a), self._spelt(b), Claim("conflict", None, "tag")
        ways = [
            (72, self._owned(a)),
            (3, ({"team": one, "Owner": self._spelt(a)}, Claim("owned", a, "tag"))),
            (2, ({"team": "", "Owner": one}, Claim("owned", a, "tag"))),
            (6, ({"team": ""}, NOTHING)),
            (8, ({self.rng.choice(TEAM_KEYS): stranger}, Claim("unregistered", None, "tag"))),
            (4, ({"Team": one, "owner": other}, conflict)),
            (3, ({"team": one, "Team": other}, conflict)),
            (2, ({"team": one, "Team": stranger}, conflict)),
        ]
        tags, claim = self.rng.choices([way for _, way in ways], [weight for weight, _ in ways])[0]
        return dict(tags), claim

    def _owned(self, team: str) -> tuple[dict[str, str], Claim]:
        return {self.rng.choice(TEAM_KEYS): self._spelt(team)}, Claim("owned", team, "tag")

    def _spelt(self, team: str) -> str:
        title = team.replace("-", " ").title()
        return self.rng.choice([team, team, title, f" {team} ", team.upper(), *ALIASES[team]])
