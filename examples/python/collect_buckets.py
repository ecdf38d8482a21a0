"""Prints the S3 buckets of an account in one region, with their tags: one JSON object a line, as S3 shows them.

    python3 collect_buckets.py eu-west-1
"""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
from botocore.exceptions import ClientError


def tags(s3: Any, bucket: str) -> dict[str, Any]:
    try:
        return {"Tags": s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # A bucket without tags is one thing, a bucket whose tags nobody may read another: that one has no `Tags`.
        return {"Tags": []} if code == "NoSuchTagSet" else {"TagsError": f"{code}: s3:GetBucketTagging"}


def main(region: str) -> None:
    s3 = boto3.client("s3", region_name=region)
    for page in s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1000}):
        for bucket in page["Buckets"]:
            name = bucket["Name"]
            place = s3.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
            if place == region:
                bucket |= {"CreationDate": bucket["CreationDate"].isoformat(), "BucketRegion": place} | tags(s3, name)
                print(json.dumps(bucket))


main(sys.argv[1])
