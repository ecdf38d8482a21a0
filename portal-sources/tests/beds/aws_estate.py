"""A test bed for the AWS source: an organisation of accounts in moto, and the truth about who owns what in it.

`python aws_estate.py [--port 0] [--truth FILE] [--accounts 20] [--mutate 0] [--throttle 0]` prints one line of JSON
on stdout when it answers, and ends when its stdin is closed. The same arguments make the same estate.
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

from aws_plan import MANAGEMENT, MARKER, ROLE, SEED, Plan, Thing
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
RDS = {"engine_version": "15.4", "master_username": "app", "master_user_password": f"{MARKER}-rds"}


def source_archive() -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", "def handler(event, context): pass")
    return base64.b64encode(archive.getvalue()).decode()


ARCHIVE = source_archive()


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
        self._create_accounts()
        # moto gives a stack a random id; the plan's truth needs to know it beforehand.
        stacks = {(t.account, t.region, t.name): t.arn for t in plan.things if t.type == "stack"}
        stack_id = lambda name, region, account: stacks[account, region, name]
        with mock.patch("moto.cloudformation.models.generate_stack_id", stack_id):
            for thing in plan.things:
                if thing.parent is None or thing.parent.type != "stack":
                    getattr(self, "_create_" + thing.type.replace("-", "_"))(thing)
        for thing in plan.things:
            self.tag(thing.arn, thing.tags)
            for source in thing.sources:
                backend(thing).create_event_source_mapping({"EventSourceArn": source, "FunctionName": thing.name})

    def tag(self, arn: str, tags: dict[str, str]):
        """Gives a thing these tags and no others. moto hands the tags of a stack to none of its members."""
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
        """Deletes a thing, a stack with all its members. Answers the ARNs of what is gone."""
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
        engine = {"db_cluster_identifier": thing.parent.name, "engine": "aurora-postgresql"} if thing.parent else {"engine": "postgres"}
        backend(thing).create_db_instance(
            RDS | engine | {"db_instance_identifier": thing.name, "db_instance_class": "db.t3.medium", "allocated_storage": 20}
        )
        # moto snapshots every new instance, up to a quota of 100.
        backend(thing).database_snapshots.clear()

    def _create_database_cluster(self, thing):
        backend(thing).create_db_cluster(RDS | {"db_cluster_identifier": thing.name, "engine": "aurora-postgresql"})
        backend(thing).cluster_snapshots.clear()

    def _create_table(self, thing):
        unset = dict.fromkeys(["throughput", "global_indexes", "indexes", "streams", "sse_specification", "warm_throughput"])
        backend(thing).create_table(
            thing.name,
            schema=TABLE["KeySchema"],
            attr=TABLE["AttributeDefinitions"],
            billing_mode=TABLE["BillingMode"],
            tags=[],
            deletion_protection_enabled=False,
            **unset,
        )

    def _create_function(self, thing):
        code = {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": ARCHIVE}}
        role = f"arn:aws:iam::{thing.account}:role/function"
        env = {"Variables": thing.env}
        backend(thing).create_function(code | {"FunctionName": thing.name, "Role": role, "Environment": env})

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
        code = {"Runtime": "python3.12", "Handler": "index.handler", "Code": {"ZipFile": "def handler(event, context): pass"}}
        database = {"DBInstanceClass": "db.t3.medium", "Engine": "postgres", "AllocatedStorage": 20}
        kind, properties = {
            "bucket": ("AWS::S3::Bucket", {"BucketName": thing.name}),
            "database": ("AWS::RDS::DBInstance", database | {"DBInstanceIdentifier": thing.name}),
            "table": ("AWS::DynamoDB::Table", TABLE | {"TableName": thing.name}),
            "function": (
                "AWS::Lambda::Function",
                code | {"FunctionName": thing.name, "Role": f"arn:aws:iam::{thing.account}:role/function"},
            ),
            "queue": ("AWS::SQS::Queue", {"QueueName": thing.name}),
            "topic": ("AWS::SNS::Topic", {"TopicName": thing.name}),
        }[thing.type]
        return {"Type": kind, "Properties": properties}


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    plan = Plan(args.accounts, args.mutate)
    estate = Estate(plan)
    path = args.truth or tempfile.mkstemp(prefix="aws-truth-", suffix=".json")[1]
    try:
        with open(path, "w") as file:
            json.dump(plan.truth(), file, indent=1)
        port = serve(estate, args.port, args.throttle)
        print(json.dumps({"port": port, "truth": path, "pid": os.getpid()}), file=answer, flush=True)
        sys.stdin.buffer.read()
    finally:
        if not args.truth:
            os.unlink(path)


if __name__ == "__main__":
    main()
