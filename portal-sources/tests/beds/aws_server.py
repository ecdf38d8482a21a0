"""Serves moto with what it lacks: refusals, throttling, pages, regions, and a control endpoint for tests."""

import base64
import json
import logging
import re
import threading
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import BytesIO
from xml.sax.saxutils import escape

from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from aws_plan import EXTERNAL_ID, MANAGEMENT, ROLE

REGION_STATES = {"eu-west-1": "ENABLED_BY_DEFAULT", "us-east-1": "ENABLED_BY_DEFAULT", "ap-southeast-2": "ENABLED"}
REGION_STATES["me-south-1"] = "DISABLED"

# Each service says "denied" and "too fast" in a protocol and with a code of its own.
PROTOCOLS = {
    "s3": "xml",
    "sts": "query",
    "rds": "query",
    "cloudformation": "query",
    "sns": "query",
    "lambda": "rest",
    "account": "rest",
}
THROTTLED = {
    "s3": (503, "SlowDown"),
    "lambda": (429, "TooManyRequestsException"),
    "account": (429, "TooManyRequestsException"),
    "organizations": (400, "TooManyRequestsException"),
    "tag": (400, "ThrottledException"),
    "query": (400, "Throttling"),
    "json": (400, "ThrottlingException"),
}
DENIED = {"json": (400, "AccessDeniedException"), "rest": (403, "AccessDeniedException")}
# The names that permissions have, where they differ from the names in the signature and the API.
SERVICES = {"tagging": "tag"}
PERMISSIONS = {"s3:ListBuckets": "s3:ListAllMyBuckets"}
LAMBDA_ACTIONS = {
    r"functions/?": "ListFunctions",
    r"functions/[^/]+": "GetFunction",
    r"functions/[^/]+/configuration": "GetFunctionConfiguration",
    r"event-source-mappings/?": "ListEventSourceMappings",
    r"tags/.+": "ListTags",
}


@dataclass
class Call:
    """One request, as AWS would name it in a policy."""

    service: str
    action: str
    account: str
    region: str
    path: str
    params: dict[str, str]

    @property
    def permission(self) -> str:
        api = f"{self.service}:{self.action}"
        return PERMISSIONS.get(api, api)

    def error(self, status: int, code: str, message: str, headers=()) -> Response:
        """An error in the protocol that the service speaks."""
        protocol = PROTOCOLS.get(self.service, "json")
        headers = dict(headers) | {"x-amzn-RequestId": "bed", "x-amz-request-id": "bed"}
        body = {"message": message, "Message": message}
        if protocol == "rest":
            headers["x-amzn-ErrorType"] = code
            return Response(json.dumps(body), status, headers, content_type="application/json")
        if protocol == "json":
            version, prefix = ("1.0", "com.amazon.coral.service#") if self.service == "dynamodb" else ("1.1", "")
            body["__type"] = prefix + code
            return Response(json.dumps(body), status, headers, content_type=f"application/x-amz-json-{version}")
        error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        if protocol == "query":
            error = (
                f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>bed</RequestId></ErrorResponse>"
            )
        else:
            error = f"<Error>{error}<RequestId>bed</RequestId><HostId>bed</HostId></Error>"
        return Response('<?xml version="1.0" encoding="UTF-8"?>\n' + error, status, headers, content_type="text/xml")

    def denied(self, because: str | None = None) -> Response:
        who = f"arn:aws:sts::{self.account}:assumed-role/{ROLE}/bed"
        if self.account == MANAGEMENT:
            who = f"arn:aws:iam::{MANAGEMENT}:user/bed"
        because = because or f"because no identity-based policy allows the {self.permission} action"
        message = f"User: {who} is not authorized to perform: {self.permission} {because}"
        return self.error(*DENIED.get(PROTOCOLS.get(self.service, "json"), (403, "AccessDenied")), message)

    def throttled(self) -> Response:
        answer = THROTTLED.get(self.service) or THROTTLED[PROTOCOLS.get(self.service, "json")]
        return self.error(*answer, "Rate exceeded")


def action_of(service: str, request: Request, params: dict[str, str]) -> str:
    if "X-Amz-Target" in request.headers:
        return request.headers["X-Amz-Target"].rpartition(".")[2]
    if "Action" in params:
        return params["Action"]
    if service == "lambda":
        path = re.sub(r"^/[\d-]{10}/", "", request.path)
        return next((name for form, name in LAMBDA_ACTIONS.items() if re.fullmatch(form, path)), "Other")
    if service == "s3":
        if request.path == "/":
            return "ListBuckets"
        asked = {"tagging": "GetBucketTagging", "location": "GetBucketLocation"}
        return next((name for key, name in asked.items() if key in params), "Other")
    name = request.path.rpartition("/")[2]
    return name[:1].upper() + name[1:]


class Bed:
    """WSGI middleware in front of moto."""

    def __init__(self, moto, estate, throttle: int):
        self.moto, self.estate, self.throttle = moto, estate, throttle
        plan = estate.plan
        closed = (plan.refused["id"], plan.suspended["id"])
        self.roles = {f"arn:aws:iam::{a['id']}:role/{ROLE}" for a in plan.accounts if a["id"] not in closed}
        self.locked = {"/" + bucket.name for bucket in plan.denied}
        # The account of each access key that AssumeRole handed out; any other key is the management account's.
        self.accounts: dict[str, str] = {}
        self.denials: list[dict] = []
        self.requests, self.log, self.lock = Counter(), Counter(), threading.Lock()

    def __call__(self, environ, start_response):
        request = Request(environ)
        body = request.get_data()
        environ["wsgi.input"] = BytesIO(body)
        if request.path.startswith("/_bed/"):
            return self.control(request.path, json.loads(body or "{}"))(environ, start_response)
        signed = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/", request.headers.get("Authorization", ""))
        if signed is None:
            return self.moto(environ, start_response)
        key, region, service = signed.groups()
        params = request.args.to_dict()
        if request.mimetype == "application/x-www-form-urlencoded":
            params |= dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        elif body[:1] == b"{":
            params |= json.loads(body)
        action = action_of(service, request, params)
        account = self.accounts.get(key, MANAGEMENT)
        call = Call(SERVICES.get(service, service), action, account, region, request.path, params)
        # moto would search the key in all accounts; told, it does not.
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
        answer = self.answer(call) or Response.from_app(self.moto, environ, buffered=True)
        if call.permission == "sts:AssumeRole" and answer.status_code == 200:
            handed_out = re.search(r"<AccessKeyId>(.+?)</AccessKeyId>", answer.get_data(as_text=True))[1]
            self.accounts[handed_out] = params["RoleArn"].split(":")[4]
        return answer(environ, start_response)

    def answer(self, call: Call) -> Response | None:
        """The bed's own answer, or None where moto's is right."""
        with self.lock:
            self.log[call.service, call.action, call.account, call.region] += 1
            self.requests[call.service] += 1
            turn = self.throttle and self.requests[call.service] % self.throttle == 0
        if turn:
            return call.throttled()
        for denial in self.denials:
            if self.matches(denial, call):
                return call.denied(denial.get("because"))
        match call.permission:
            case "sts:AssumeRole":
                role = call.params.get("RoleArn", "")
                if role not in self.roles or call.params.get("ExternalId") != EXTERNAL_ID:
                    return call.denied(f"on resource: {role}")
            case "s3:ListAllMyBuckets":
                return self.list_buckets(call)
            case "s3:GetBucketTagging" if call.path.rstrip("/") in self.locked:
                return call.denied(f'on resource: "arn:aws:s3:::{call.path.strip("/")}"')
            case "account:ListRegions":
                return self.list_regions(call)
        if call.service == "s3" and call.action != "GetBucketLocation":
            return self.elsewhere(call)

    @staticmethod
    def matches(denial: dict, call: Call) -> bool:
        wanted = PERMISSIONS.get(denial["action"], denial["action"])
        # A role is denied in the account that it lives in, not where the call comes from.
        account = call.params["RoleArn"].split(":")[4] if call.action == "AssumeRole" else call.account
        return (
            fnmatchcase(call.permission, wanted)
            and denial.get("account") in (None, account)
            and denial.get("region") in (None, call.region)
        )

    @staticmethod
    def list_buckets(call: Call) -> Response:
        """moto truncates at MaxBuckets without a token, and knows no BucketRegion."""
        asked = {key: call.params.get(key) for key in ("max-buckets", "continuation-token", "prefix", "bucket-region")}
        after = base64.b64decode(asked["continuation-token"] or "").decode()
        buckets = [
            bucket
            for name, bucket in sorted(s3_backends[call.account]["aws"].buckets.items())
            if name > after
            and name.startswith(asked["prefix"] or "")
            and asked["bucket-region"] in (None, bucket.region_name)
        ]
        page = buckets[: int(asked["max-buckets"] or 10_000)]
        # As in S3, the region is told only to who asks with a parameter.
        told = any(value is not None for value in asked.values())
        rows = "".join(
            f"<Bucket><Name>{bucket.name}</Name><CreationDate>{bucket.creation_date_ISO8601}</CreationDate>"
            + (f"<BucketRegion>{bucket.region_name}</BucketRegion></Bucket>" if told else "</Bucket>")
            for bucket in page
        )
        if len(page) < len(buckets):
            token = base64.b64encode(page[-1].name.encode()).decode()
            rows += f"</Buckets><ContinuationToken>{token}</ContinuationToken>"
        else:
            rows += "</Buckets>"
        body = f"<Owner><ID>{call.account}</ID></Owner><Buckets>{rows}"
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        body = f'<ListAllMyBucketsResult xmlns="{space}">{body}</ListAllMyBucketsResult>'
        return Response('<?xml version="1.0" encoding="UTF-8"?>\n' + body, content_type="application/xml")

    @staticmethod
    def elsewhere(call: Call) -> Response | None:
        """S3 answers for a bucket only in the bucket's own region; moto answers in all."""
        bucket = s3_backends[call.account]["aws"].buckets.get(call.path.split("/")[1])
        if bucket is None or bucket.region_name == call.region:
            return None
        message = "The bucket you are attempting to access must be addressed using the specified endpoint."
        return call.error(301, "PermanentRedirect", message, {"x-amz-bucket-region": bucket.region_name})

    @staticmethod
    def list_regions(call: Call) -> Response:
        wanted = call.params.get("RegionOptStatusContains") or REGION_STATES.values()
        regions = [{"RegionName": r, "RegionOptStatus": s} for r, s in REGION_STATES.items() if s in wanted]
        start = int(call.params.get("NextToken") or 0)
        end = start + int(call.params.get("MaxResults") or 50)
        answer = {"Regions": regions[start:end]}
        if end < len(regions):
            answer["NextToken"] = str(end)
        return Response(json.dumps(answer), content_type="application/json")

    def control(self, path: str, asked: dict) -> Response:
        status, answer = 200, {}
        match path:
            case "/_bed/deny":
                self.denials.append(asked)
            case "/_bed/allow":
                self.denials.clear()
            case "/_bed/throttle":
                self.throttle = asked["every"]
            case "/_bed/delete" if asked["arn"] in self.estate.things:
                answer = {"deleted": self.estate.delete(asked["arn"])}
            case "/_bed/tag" if asked["arn"] in self.estate.things:
                self.estate.tag(asked["arn"], asked["tags"])
            case "/_bed/log":
                names = ("service", "action", "account", "region")
                with self.lock:
                    answer = [
                        dict(zip(names, key, strict=True)) | {"count": count} for key, count in sorted(self.log.items())
                    ]
            case _:
                status, answer = 404, {"error": f"{path} does not know {asked}"}
        return Response(json.dumps(answer), status, content_type="application/json")


def serve(estate, port: int, throttle: int) -> int:
    """Serves in a thread of its own, and returns the port once requests are answered."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bed = Bed(DomainDispatcherApplication(create_backend_app), estate, throttle)
    server = make_server("127.0.0.1", port, bed, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    urllib.request.urlopen(f"http://127.0.0.1:{server.port}/_bed/log").close()
    return server.port
