"""AWS_ENDPOINT_URL holds for every service: clients of those that are not served here are told so in their own protocol."""
import http.client
import json
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.server import Server
from support.wire import Wire

CALLS = [
    ("ec2", "describe_regions", {}, "ec2", "DescribeRegions"),
    ("sns", "list_topics", {}, "sns", "ListTopics"),
    ("cloudformation", "describe_stacks", {}, "cloudformation", "DescribeStacks"),
    ("autoscaling", "describe_launch_configurations", {}, "autoscaling", "DescribeLaunchConfigurations"),
    ("kms", "list_keys", {}, "kms", "ListKeys"),
    ("sso-admin", "list_instances", {}, "sso", "ListInstances"),
    ("ssm", "get_parameter", {"Name": "p"}, "ssm", "GetParameter"),
    ("dynamodb", "list_tables", {}, "dynamodb", "ListTables"),
    ("sqs", "list_queues", {}, "sqs", "ListQueues"),
    ("cloudwatch", "list_metrics", {}, "monitoring", "ListMetrics"),
    ("resourcegroupstaggingapi", "get_resources", {}, "tagging", "GetResources"),
    ("lambda", "list_functions", {}, "lambda", ""),
    ("account", "get_contact_information", {}, "account", ""),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}, "lambda", ""),
    ("route53", "list_hosted_zones", {}, "route53", ""),
    ("cloudfront", "list_distributions", {}, "cloudfront", ""),
    ("sesv2", "list_email_identities", {}, "ses", ""),
]


@pytest.mark.parametrize("service, method, parameters, name, _operation", CALLS, ids=[f"{call[0]}-{call[1]}" for call in CALLS])
def test_clients_of_other_services_are_told_that_it_is_not_served(aws, service, method, parameters, name, _operation):
    client = aws.client(service, bootstrap.ADMIN)
    with refused("NotImplemented", f"The service '{name}' is not served here.", status=501):
        getattr(client, method)(**parameters)


def test_s3_control_is_another_service_than_s3(server):
    answer = Wire(server).s3("GET", "/v20180820/accesspoint", bootstrap.ADMIN, {"x-amz-account-id": bootstrap.ACCOUNT})
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert answer.message == "The service 's3-control' is not served here."


def test_unsigned_calls_of_other_services_are_told_too(aws):
    with refused("NotImplemented", "The service 'AWSCognitoIdentityService' is not served here.", status=501):
        aws.client("cognito-identity", None).get_id(IdentityPoolId="us-east-1:00000000-0000-0000-0000-000000000000")


def test_records_name_the_service_and_the_operation(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", tmp_path / "audit.jsonl"],
                    tmp_path).start()
    client_of = Aws(server.url, tmp_path).client
    for service, method, parameters, _, _ in CALLS:
        with pytest.raises(botocore.exceptions.ClientError):
            getattr(client_of(service, bootstrap.ADMIN), method)(**parameters)
    assert server.stop() == 0

    found = set()
    for trail in tmp_path.glob("audit*.jsonl"):
        records = [json.loads(line) for line in trail.read_text().splitlines()]
        found |= {(record["eventSource"], record["eventName"]) for record in records if "eventSource" in record}
    assert {(f"{name}.amazonaws.com", operation) for _, _, _, name, operation in CALLS} <= found


def test_a_scope_of_no_service_is_refused_in_the_words_of_the_request(server):
    wire = Wire(server)
    answer = wire.send("GET", "/bucket/key", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, "", bootstrap.ADMIN, "s2", False)
    assert (answer.status, answer.code) == (400, "AuthorizationHeaderMalformed")
    assert answer.message == ('The authorization header is malformed; incorrect service "s2". '
                              'This endpoint belongs to "s3".')

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urllib.parse.urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"})
    answer = wire.send("POST", "/", form, body, bootstrap.ADMIN, "s2", False)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert "Credential should be scoped to correct service: 'sts'." in answer.message


@pytest.mark.parametrize("target", ["//", "/./", "///", "/a/.."])
def test_a_signature_for_the_root_holds_on_paths_that_normalise_to_it(server, target):
    """HashiCorp Vault's AWS login sends `//`: it joins the endpoint, a slash and the path that was signed."""
    answer = signed_for_root(server, "sts", target, "GetCallerIdentity", "2011-06-15")
    assert answer[0] == 200, answer[1]
    assert "<GetCallerIdentityResponse" in answer[1]
    answer = signed_for_root(server, "iam", target, "GetUser", "2010-05-08")
    assert answer[0] == 200, answer[1]
    answer = signed_for_root(server, "sts", f"http://127.0.0.1:{server.port}{target}", "GetCallerIdentity", "2011-06-15")
    assert answer[0] == 200, answer[1]


@pytest.mark.parametrize("target", ["/a", "//a", "/a/../b", "/%2F"])
def test_other_paths_are_none_of_iam_and_sts(server, target):
    assert signed_for_root(server, "sts", target, "GetCallerIdentity", "2011-06-15")[0] == 404


def signed_for_root(server, service, target, action, version):
    """Signs `POST /` and sends it to another target, byte for byte; (status, body)."""
    body = urllib.parse.urlencode({"Action": action, "Version": version})
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return send_signed(server, botocore.auth.SigV4Auth, service, "us-east-1", ("POST", "/", headers, body), target)


def send_signed(server, signer, service, region, request, target):
    """Signs (method, path, headers, body) and sends it to a target that need not be that path; (status, body)."""
    method, path, headers, body = request
    signed = botocore.awsrequest.AWSRequest(method=method, url=server.url + path, headers=headers, data=body.encode())
    keys = botocore.credentials.Credentials(bootstrap.ADMIN.access_key, bootstrap.ADMIN.secret_key)
    signer(keys, service, region).add_auth(signed)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in signed.headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body.encode())
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


@pytest.mark.parametrize("action", ["AssumeRole", "GetCallerIdentity", "GetSessionToken", "AssumeRoleWithAnything"])
def test_other_unsigned_calls_miss_their_signature(server, action):
    answer = Wire(server).query("sts", action, {}, None)
    assert (answer.status, answer.code) == (403, "MissingAuthenticationToken")


@pytest.mark.parametrize("region", ["US", "EU", "aws-global"])
def test_s3_names_the_region_to_those_whose_scope_names_none(server, region):
    """Debian's s3cmd signs `mb` for `US`, reads <Region> of this answer and signs again."""
    bucket = "/made-by-s3cmd"
    status, text = send_signed(server, botocore.auth.S3SigV4Auth, "s3", region, ("PUT", bucket, {}, ""), bucket)

    assert status == 400
    assert "<Code>AuthorizationHeaderMalformed</Code>" in text
    assert f"<Message>The authorization header is malformed; the region '{region}' is wrong; expecting 'us-east-1'</Message>" in text
    assert "<Region>us-east-1</Region>" in text
