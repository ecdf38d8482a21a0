"""A test bed for the AWS source: an organisation of accounts in moto, and the truth about who owns what in it.

`python aws_estate.py [--port 0] [--truth FILE] [--accounts 20] [--mutate 0] [--throttle 0]` prints one line
`{"port", "truth", "pid"}` on stdout when it answers, and ends when its stdin is closed or on SIGTERM.
The same arguments make the same estate. Any access key is the management account's, and no signature is checked.

A test steers it over HTTP, with JSON in and out:

- `POST /_bed/deny {"action": "lambda:ListFunctions", "account"?, "region"?, "because"?}`: `*` is allowed in the action;
  for `sts:AssumeRole` the account is that of the role; `because` replaces the end of AWS's message.
- `POST /_bed/allow {}` lifts all of these.
- `POST /_bed/throttle {"every": 5}` throttles every fifth request of each service, 0 none.
- `POST /_bed/delete {"arn"}` answers `{"deleted": [arn]}`, with what a stack made and the instances of a cluster.
- `POST /_bed/tag {"arn", "tags": {}}` gives a thing these tags and no others.
- `GET /_bed/log` lists `{"service", "action", "account", "region", "count"}`, refused requests too.
"""

import argparse
import base64
import io
import json
import os
import signal
import sys
import tempfile
import zipfile
from unittest import mock

from moto.backends import get_backend
from moto.moto_api._internal import mock_random
from moto.organizations.utils import PAGINATION_MODEL as ORGANIZATIONS_PAGES
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.s3.models import s3_backends

from aws_plan import MANAGEMENT, MARKER, SEED, Plan, Thing
from aws_server import serve

SERVICES = {
    "bucket": "s3",
    "database": "rds",
    "database-cluster": "rds",
    "table": "dynamodb",
    "function": "lambda",
    "queue": "sqs",
    "topic": "sns",
    "stack": "cloudformation",
}
TABLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
RDS = {
    "engine": "postgres",
    "engine_version": "15.4",
    "master_username": "app",
    "master_user_password": f"{MARKER}-rds",
}


SOURCE = "def handler(event, context): pass"


def archive(source: str) -> str:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as contents:
        contents.writestr("index.py", source)
    return base64.b64encode(file.getvalue()).decode()


ARCHIVE = archive(SOURCE)


def function(thing: Thing, code: str) -> dict:
    role = f"arn:aws:iam::{thing.account}:role/function"
    runtime = {"Runtime": "python3.12", "Handler": "index.handler"}
    return runtime | {"FunctionName": thing.name, "Role": role, "Code": {"ZipFile": code}}


def pairs(tags: dict) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def backend(thing: Thing):
    return get_backend(SERVICES[thing.type])[thing.account]["aws" if thing.type == "bucket" else thing.region]


class Estate:
    """The plan, built straight into moto's backends: over HTTP it would take minutes."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.things = {thing.arn: thing for thing in plan.things}
        mock_random.seed(SEED)
        # RDS asks EC2 for subnets, which begins each region with a thousand images: most of the time to start.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        self._create_accounts()
        stacks = {(t.name, t.region, t.account): t.arn for t in plan.things if t.type == "stack"}
        with (
            # moto gives a stack a random id, but the plan's truth has one already.
            mock.patch("moto.cloudformation.models.generate_stack_id", lambda *stack: stacks[stack]),
            # moto snapshots every new instance, up to a quota of 100.
            mock.patch("moto.rds.models.RDSBackend.create_auto_snapshot"),
            mock.patch("moto.rds.models.RDSBackend.create_auto_cluster_snapshot"),
        ):
            for thing in plan.things:
                if thing.parent is None or thing.parent.type != "stack":
                    getattr(self, "_create_" + thing.type.replace("-", "_"))(thing)
        # moto hands the tags of a stack to none of its members, so all are tagged alike, whoever created them.
        for thing in plan.things:
            self.tag(thing.arn, thing.tags)
            for source in thing.sources:
                backend(thing).create_event_source_mapping({"EventSourceArn": source, "FunctionName": thing.name})

    def tag(self, arn: str, tags: dict[str, str]):
        """Gives a thing these tags and no others."""
        thing = self.things[arn]
        store = backend(thing)
        match thing.type:
            case "bucket":
                store.put_bucket_tagging(thing.name, tags)
            case "database":
                store.databases[thing.name].tags = pairs(tags)
            case "database-cluster":
                store.clusters[thing.name].tags = pairs(tags)
            case "table":
                store.tables[thing.name].tags = pairs(tags)
            case "function":
                store.get_function(thing.name).tags = dict(tags)
            case "queue":
                store.queues[thing.name].tags = dict(tags)
            case "topic":
                store.topics[arn]._tags = dict(tags)
            case "stack":
                store.stacks[arn].tags = dict(tags)

    def delete(self, arn: str) -> list[str]:
        """Deletes a thing, and what its stack made or its cluster holds. Answers the ARNs of what is gone."""
        thing = self.things.pop(arn)
        members = [t.arn for t in self.things.values() if t.parent is thing]
        gone = [arn] + [a for member in members for a in self.delete(member)]
        store = backend(thing)
        match thing.type:
            case "bucket":
                store.delete_bucket(thing.name)
            case "database":
                del store.databases[thing.name]
            case "database-cluster":
                del store.clusters[thing.name]
            case "table":
                del store.tables[thing.name]
            case "function":
                store.delete_function(thing.name)
            case "queue":
                del store.queues[thing.name]
            case "topic":
                del store.topics[arn]
            case "stack":
                del store.stacks[arn]
        return gone

    def _create_accounts(self):
        organisation = get_backend("organizations")[MANAGEMENT]["aws"]
        organisation.create_organization("us-east-1", FeatureSet="ALL")
        organisation.accounts[0].name = self.plan.accounts[0]["name"]
        ids = iter([account["id"] for account in self.plan.accounts[1:]])
        with mock.patch("moto.organizations.utils.make_random_account_id", lambda: next(ids)):
            for account in self.plan.accounts[1:]:
                organisation.create_account(AccountName=account["name"], Email=f"{account['name']}@acme.test")
                get_backend("iam")[account["id"]]["aws"].create_role("function", "{}", "/", None, "", [], "3600")
        organisation.close_account(AccountId=self.plan.suspended["id"])

    def _create_bucket(self, thing):
        backend(thing).create_bucket(thing.name, thing.region)

    def _create_database(self, thing):
        spec = RDS | {
            "db_instance_identifier": thing.name,
            "db_instance_class": "db.t3.medium",
            "allocated_storage": 20,
        }
        if thing.parent:
            spec |= {"db_cluster_identifier": thing.parent.name, "engine": "aurora-postgresql"}
        backend(thing).create_db_instance(spec)

    def _create_database_cluster(self, thing):
        backend(thing).create_db_cluster(RDS | {"db_cluster_identifier": thing.name, "engine": "aurora-postgresql"})

    def _create_table(self, thing):
        unset = ["throughput", "global_indexes", "indexes", "streams", "sse_specification", "warm_throughput"]
        backend(thing).create_table(
            thing.name,
            schema=TABLE["KeySchema"],
            attr=TABLE["AttributeDefinitions"],
            billing_mode=TABLE["BillingMode"],
            tags=[],
            deletion_protection_enabled=False,
            **dict.fromkeys(unset),
        )

    def _create_function(self, thing):
        backend(thing).create_function(function(thing, ARCHIVE) | {"Environment": {"Variables": thing.env}})

    def _create_queue(self, thing):
        backend(thing).create_queue(thing.name)

    def _create_topic(self, thing):
        backend(thing).create_topic(thing.name)

    def _create_stack(self, thing):
        members = [t for t in self.plan.things if t.parent is thing]
        template = {
            "Parameters": {
                "DbPassword": {"Type": "String", "Default": f"{MARKER}-default"},
                "ApiToken": {"Type": "String", "NoEcho": True},
            },
            "Resources": {f"My{t.type.title()}": self._template(t) for t in members},
            "Outputs": {"Dsn": {"Value": f"postgres://app:{MARKER}-output@pg.internal.test/orders"}},
        }
        backend(thing).create_stack(thing.name, json.dumps(template), {"ApiToken": f"{MARKER}-value"})

    def _template(self, thing) -> dict:
        database = {"DBInstanceClass": "db.t3.medium", "Engine": "postgres", "AllocatedStorage": 20}
        kind, properties = {
            "bucket": ("AWS::S3::Bucket", {"BucketName": thing.name}),
            "database": ("AWS::RDS::DBInstance", database | {"DBInstanceIdentifier": thing.name}),
            "table": ("AWS::DynamoDB::Table", TABLE | {"TableName": thing.name}),
            "function": ("AWS::Lambda::Function", function(thing, SOURCE)),
            "queue": ("AWS::SQS::Queue", {"QueueName": thing.name}),
            "topic": ("AWS::SNS::Topic", {"TopicName": thing.name}),
        }[thing.type]
        return {"Type": kind, "Properties": properties}


def correct_moto():
    """Sets right what is wrong inside moto, where a middleware does not reach."""
    ORGANIZATIONS_PAGES["list_accounts"] |= {"limit_default": 20, "unique_attribute": "Id"}
    all_resources = ResourceGroupsTaggingAPIBackend._get_resources_generator

    def of_this_region(self, *args, **kwargs):
        # moto shows the buckets of all regions in each of them.
        buckets = s3_backends[self.account_id]["aws"].buckets
        for resource in all_resources(self, *args, **kwargs):
            bucket = buckets.get(resource.arn.rpartition(":")[2]) if resource.resource_type == "s3:bucket" else None
            if bucket is None or bucket.region_name == self.region_name:
                yield resource

    def page(self, pagination_token=None, resources_per_page=50, tags_per_page=100, **filters):
        # moto's tokens work once, so that a repeated request loses things. AWS sends empty pages with a token,
        # here after every full one, and ends with an empty token, not without one.
        start = int(pagination_token or 0)
        if start < 0:
            return str(-start), []
        found = list(self._get_resources_generator(**filters))
        end = start + resources_per_page
        return (str(-end) if end < len(found) else ""), found[start:end]

    ResourceGroupsTaggingAPIBackend._get_resources_generator = of_this_region
    ResourceGroupsTaggingAPIBackend.get_resources = page


def main():
    parser = argparse.ArgumentParser(description="Serves an AWS estate whose owners are known.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--truth", help="where the truth is written; a temporary file that goes away with the server")
    parser.add_argument("--accounts", type=int, default=20, help="member accounts, at least 4")
    parser.add_argument("--mutate", type=int, default=0, help="retag and delete this many things of the same estate")
    parser.add_argument("--throttle", type=int, default=0, help="throttle every Nth request of a service")
    args = parser.parse_args()

    # moto prints at will, but stdout is for one line only.
    answer, sys.stdout = sys.stdout, sys.stderr
    plan = Plan(args.accounts, args.mutate)
    estate = Estate(plan)
    path = args.truth or tempfile.mkstemp(prefix="aws-truth-", suffix=".json")[1]

    def end(*_):
        if not args.truth:
            os.unlink(path)
        # Python would take seconds to tear moto down, object by object.
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    with open(path, "w") as file:
        json.dump(plan.truth(), file, indent=1)
    correct_moto()
    port = serve(estate, args.port, args.throttle)
    print(json.dumps({"port": port, "truth": path, "pid": os.getpid()}), file=answer, flush=True)
    sys.stdin.buffer.read()
    end()


if __name__ == "__main__":
    main()
