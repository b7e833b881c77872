#!/usr/bin/env python3
"""Writes policy benchmark cases: gen.py OUT.

The mix follows what public managed policies show, moved towards harder shapes: mostly exact actions, prefixes and
literal resources, some infix wildcards and variables, conditions on half of the statements. Requests are drawn from the
policies' own fragments (two thirds) or at random. Deterministic: the same seed gives the same bytes.
"""
import json
import pathlib
import random
import sys

ACCOUNT, OTHER = "111122223333", "444455556666"
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]
TEAMS = ["red", "blue", "green", "data", "infra"]
USERS = ["alice", "bob", "carol", "dave", "erin", "frank"]
ORG = "o-a1b2c3d4e5"
SERVICES = {  # service: (weight, resource template, actions)
    "s3": (46, "arn:aws:s3:::{bucket}/{key}", "GetObject PutObject DeleteObject GetObjectTagging PutObjectTagging "
           "GetObjectVersion AbortMultipartUpload GetObjectAcl RestoreObject"),
    "s3b": (14, "arn:aws:s3:::{bucket}", "ListBucket GetBucketLocation GetBucketPolicy PutBucketPolicy DeleteBucket"),
    "iam": (14, "arn:aws:iam::{account}:role/{name}", "GetRole CreateRole DeleteRole PassRole AttachRolePolicy TagRole"),
    "sqs": (8, "arn:aws:sqs:{region}:{account}:{name}", "SendMessage ReceiveMessage DeleteMessage PurgeQueue"),
    "dynamodb": (9, "arn:aws:dynamodb:{region}:{account}:table/{name}", "GetItem PutItem UpdateItem DeleteItem DescribeTable"),
    "secretsmanager": (5, "arn:aws:secretsmanager:{region}:{account}:secret:{name}", "GetSecretValue PutSecretValue DescribeSecret"),
    "ssm": (4, "arn:aws:ssm:{region}:{account}:parameter/{name}", "GetParameter PutParameter DeleteParameter"),
}
VARIABLES = ["${aws:username}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/missing, 'none'}", "${aws:PrincipalTag/absent}"]


class Maker:
    def __init__(self, seed, buckets, policies):
        self.r = random.Random(seed)
        self.broad = 0.08 / (1 + policies // 2)
        pick = self.r.choice
        self.buckets = [f"{pick(['app', 'logs', 'data', 'media'])}-{pick(TEAMS)}-{i:03}" for i in range(buckets)]
        self.names = [f"{pick(['orders', 'billing', 'audit', 'jobs'])}-{pick(['dev', 'prod'])}-{i:02}" for i in range(max(12, buckets // 2))]

    def service(self):
        return self.r.choices(list(SERVICES), [weight for weight, _, _ in SERVICES.values()])[0]

    def resource(self, service):
        pick = self.r.choice
        key = "/".join([pick(["home", "in", "out", "tmp", "logs"]), pick(USERS + TEAMS), pick(["a.txt", "b/c.bin", "img 1.png"])])
        return SERVICES[service][1].format(bucket=pick(self.buckets), key=key, account=ACCOUNT, region=pick(REGIONS), name=pick(self.names))

    def action(self, service):
        return service.rstrip("b" if service == "s3b" else "") + ":" + self.r.choice(SERVICES[service][2].split())

    def action_pattern(self, service):
        action, x = self.action(service), self.r.random()
        vendor, name = action.split(":")
        if x < 0.70:
            return action
        if x < 0.84:
            return f"{vendor}:{name[:4]}*"
        if x < 0.86:
            return f"{vendor}:*"
        if x < 0.95:
            return f"{vendor}:{name[:2]}*{name[-5:-1]}*"
        return f"{vendor}:{name[:3]}?{name[4:]}"

    def resource_pattern(self, service):
        arn, x = self.resource(service), self.r.random()
        parts = arn.split(":", 5)
        for i in (3, 4):
            if parts[i] and self.r.random() < 0.6:
                parts[i] = "*"
        tail = parts[5]
        if x < self.broad:
            return "*"
        if x < 0.42:
            tail = tail[:max(3, len(tail) * self.r.choice([60, 80, 90]) // 100)] + "*"
        elif x < 0.70:
            return arn
        elif x < 0.85:
            tail = tail[:len(tail) // 2] + "*" + tail[-4:]
        elif service == "s3":
            tail = f"{self.r.choice(self.buckets)}/home/{self.r.choice(VARIABLES)}/*"
        else:
            tail = tail[:len(tail) // 3] + "*" + self.r.choice(VARIABLES) + "*"
        return ":".join(parts[:5] + [tail])

    def condition(self):
        pick = self.r.choice
        return pick([
            lambda: {"StringEquals": {"aws:PrincipalTag/team": self.r.sample(TEAMS, 2)}},
            lambda: {"StringLike": {"aws:PrincipalTag/dept": pick(["eng*", "*nance", "*"])}},
            lambda: {"StringEquals": {"aws:ResourceAccount": pick(["${aws:PrincipalAccount}", ACCOUNT])}},
            lambda: {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}},
            lambda: {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/25"]}},
            lambda: {"Bool": {"aws:SecureTransport": "true"}},
            lambda: {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
            lambda: {"DateLessThan": {"aws:CurrentTime": "2027-06-30T23:59:59Z"}},
            lambda: {"StringEquals": {"aws:RequestedRegion": self.r.sample(REGIONS, 2)}},
            lambda: {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/engineering/*"}},
            lambda: {"Null": {"aws:TokenIssueTime": pick(["true", "false"])}},
            lambda: {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [ORG + "/*"]}},
            lambda: {"NumericLessThan": {"aws:EpochTime": "1900000000"}},
        ])()

    def statement(self, sid, deny_share):
        service, deny = self.service(), self.r.random() < deny_share
        out = {"Sid": sid, "Effect": "Deny" if deny else "Allow"}
        out["Action"] = sorted({self.action_pattern(service) for _ in range(self.r.randint(1, 5))})
        resources = sorted({self.resource_pattern(service) for _ in range(self.r.randint(1, 3))})
        out["Resource"] = [x for x in resources if not deny or x != "*"] or [self.resource(service)]
        if self.r.random() < 0.46:
            out["Condition"] = self.condition()
        return out

    def policies(self, count, size, deny_share):
        return [{"name": f"policy-{p:03}", "document": {"Version": "2012-10-17", "Statement": [
            self.statement(f"P{p:03}S{s:02}", deny_share) for s in range(size)]}} for p in range(count)]

    def request(self, policies, principal):
        pick = self.r.choice
        service = self.service()
        action, resource = self.action(service), self.resource(service)
        if self.r.random() < 0.68:
            statement = pick(pick(policies)["document"]["Statement"])
            exact = [a for a in statement["Action"] if "*" not in a and "?" not in a]
            pattern = pick(statement["Resource"])
            if exact and pattern != "*":
                action, parts = pick(exact), pattern.split(":", 5)
                parts[3] = pick(REGIONS) if parts[3] == "*" else parts[3]
                parts[4] = ACCOUNT if parts[4] == "*" else parts[4]
                for variable in VARIABLES:
                    parts[5] = parts[5].replace(variable, pick(["alice", "blue", "none"]))
                resource = ":".join(parts[:5] + [parts[5].replace("*", pick(["", "x", "a/b"])).replace("?", "q")])
        context = {"aws:CurrentTime": f"2026-11-22T10:{self.r.randrange(60):02}:00Z", "aws:EpochTime": "1795342580",
                   "aws:PrincipalAccount": ACCOUNT, "aws:PrincipalArn": principal["contextArn"], "aws:PrincipalType": principal["type"],
                   "aws:userid": principal["userid"], "aws:PrincipalOrgID": ORG, "aws:PrincipalOrgPaths": [ORG + "/r-ab12/ou-1/"],
                   "aws:RequestedRegion": pick(REGIONS), "aws:ResourceAccount": ACCOUNT, "aws:SecureTransport": "true",
                   "aws:SourceIp": pick(["203.0.113.77", "198.51.100.9", "2001:db8:1::17"]), "aws:UserAgent": "aws-cli/2.17.1",
                   "aws:ViaAWSService": "false", **{"aws:PrincipalTag/" + k: v for k, v in principal["tags"].items()}}
        if "username" in principal:
            context["aws:username"] = principal["username"]
        else:
            context["aws:TokenIssueTime"] = "2026-11-22T09:00:00Z"
        return {"action": action, "resource": resource, "resourceAccount": ACCOUNT, "context": context}


USER = {"arn": f"arn:aws:iam::{ACCOUNT}:user/engineering/alice", "contextArn": f"arn:aws:iam::{ACCOUNT}:user/engineering/alice",
        "type": "User", "userid": "AIDAEXAMPLEALICE00001", "username": "alice", "tags": {"team": "blue", "dept": "eng-platform"}}
ROLE = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/job-17", "contextArn": f"arn:aws:iam::{ACCOUNT}:role/app/worker",
        "type": "AssumedRole", "userid": "AROAEXAMPLEWORKER0001:job-17", "tags": {"team": "data", "dept": "eng-platform"}}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def write(folder, name, value):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(value, indent=0), encoding="utf-8")


def scenario(out, name, seed, count, size, deny_share, buckets, principal):
    maker = Maker(seed, buckets, count)
    policies = maker.policies(count, size, deny_share)
    write(out / name, "policies.json", policies)
    write(out / name, "requests.json", [maker.request(policies, principal) for _ in range(1000)])
    write(out / name, "principal.json", principal)
    return maker


def full(out):
    maker = scenario(out, "full", 44, 10, 10, 0.06, 24, ROLE)
    folder = out / "full"
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    write(folder, "boundary.json", document({"Effect": "Allow", "Action": ["s3:*", "sqs:*", "dynamodb:*", "iam:Get*", "ssm:*"], "Resource": "*"}))
    write(folder, "session.json", document({"Effect": "Allow", "NotAction": ["ssm:*"], "Resource": "*"}))
    regions = document({"Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "s3:*"], "Resource": "*",
                        "Condition": {"StringNotEquals": {"aws:RequestedRegion": REGIONS[:3]}}})
    levels = [[everything], [everything, regions], [everything]]
    write(folder, "scps.json", [{"policies": [{"name": "p", "document": d} for d in level]} for level in levels])
    write(folder, "resource_policies.json", {bucket: document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Allow", "Principal": {"AWS": ROLE["contextArn"]}, "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{bucket}/*"})
        for bucket in maker.buckets})


def main():
    out = pathlib.Path(sys.argv[1])
    scenario(out, "tiny", 11, 1, 3, 0.10, 6, USER)
    scenario(out, "small", 22, 10, 10, 0.08, 24, USER)
    scenario(out, "large", 33, 100, 30, 0.02, 240, USER)
    full(out)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
