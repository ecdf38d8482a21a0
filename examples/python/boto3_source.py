"""A boto3 collector as a source: the SQS queues of an account, region by region, with their tags.

    python boto3_source.py eu-west-1 us-east-1

It runs beside the sources of portal.toml, in the same pipeline: what may not be kept is taken out, a manifest says how
much was read, and a missing right retires nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

import portal


class Queues(portal.Source):
    """SQS queues as things of a type of their own: `id`, `type`, `name`, `tags`."""

    name = "queues"
    kinds = ("queues",)
    permissions = (
        portal.Permission("aws", "sqs:ListQueues", "queues"),
        portal.Permission("aws", "sqs:ListQueueTags", "queues"),
    )

    def __init__(self, regions: list[str]) -> None:
        self.regions = regions

    def scopes(self) -> Iterator[portal.Scope]:
        account = boto3.client("sts", region_name=self.regions[0]).get_caller_identity()["Account"]
        for region in self.regions:
            yield portal.Scope(path=[account, region])

    def collect(self, scope: portal.Scope) -> Iterator[tuple[str, str, dict[str, Any]] | portal.Unread]:
        account, region = scope.path
        sqs = boto3.client("sqs", region_name=region)
        try:
            for page in sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 1000}):
                for url in page.get("QueueUrls", []):
                    name = url.rsplit("/", 1)[1]
                    arn = f"arn:aws:sqs:{region}:{account}:{name}"
                    queue = {"id": arn, "type": "queue", "name": name, "account": account, "region": region}
                    try:
                        # A queue without tags has {}; one whose tags nobody may read has none at all.
                        queue["tags"] = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
                    except ClientError as error:
                        yield portal.Unread("queues", f"tags of {name}: {error.response['Error']['Code']}")
                    yield "queues", name, queue
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
                raise PermissionError("sqs:ListQueues") from error
            raise


if __name__ == "__main__":
    print(portal.collect(sources=[Queues(sys.argv[1:])]))
