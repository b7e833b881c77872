"""Every request of every door leaves exactly one audit record, refused ones too."""
import http.client
import json
import re
import socket
import urllib.parse
from collections import Counter

import pytest

from support.bootstrap import ADMIN, NOBODY, Keys
from support.operations import json_operations, operations, s3_operations
from support.people import allow, create_user, trust
from support.trail import recording_server
from support.wire import Wire

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Credentials of each kind: who may, who may not, whom nobody knows, and nobody.
CALLERS = {"admin": ADMIN, "nobody": NOBODY, "unknown": Keys("AKIANOSUCHKEY0000000", "secret"), "unsigned": None}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    with recording_server(tmp_path_factory.mktemp("doors")) as parts:
        yield parts


class Doors:
    """Sends requests and remembers what each has to be found as: the name of its event, and its id where it has one."""

    def __init__(self, server, trail):
        self.server, self.trail = server, trail
        self.wire = Wire(server)
        self.before = len(trail.records()) + len(trail.strangers())
        self.sent = []

    def request(self, event, method, target, headers=None, body=""):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        self.sent.append(event)
        return answer, text

    def signed(self, event, send, *arguments, **more):
        send(*arguments, **more)
        self.sent.append(event)

    def check(self):
        """As many records as requests, of the same events, and none twice."""
        self.wire.close()
        wanted = self.before + len(self.sent)
        self.trail.await_records(lambda _: len(self.trail.records()) + len(self.trail.strangers()) >= wanted, timeout=20)
        records = self.trail.records() + self.trail.strangers()
        assert len(records) == wanted
        ids = Counter(record["requestID"] for record in records if record.get("requestID"))
        assert not [number for number, count in ids.items() if count > 1]
        return records


def events_since(records, trail, before_known, before_strangers):
    return Counter(record["eventName"] for record in trail.records()[before_known:] + trail.strangers()[before_strangers:])


def fresh(recorded):
    server, _, trail = recorded
    return Doors(server, trail), (len(trail.records()), len(trail.strangers()))


def assert_one_each(doors, start):
    records = doors.check()
    found = events_since(records, doors.trail, *start)
    assert found == Counter(doors.sent), found - Counter(doors.sent)


@pytest.mark.parametrize("caller", CALLERS)
def test_every_operation_of_the_query_services(recorded, caller):
    doors, start = fresh(recorded)
    for operation in operations():
        # Without parameters: nothing is changed, whoever asks.
        doors.signed(operation.name, doors.wire.query, operation.service, operation.name, {}, CALLERS[caller])
    assert_one_each(doors, start)


@pytest.mark.parametrize("caller", [one for one in CALLERS if one != "unsigned"])
def test_every_operation_of_rest_with_json(recorded, caller):
    doors, start = fresh(recorded)
    for operation in json_operations():
        # Of nothing that there is, and without a body: nothing is changed, whoever asks.
        target = re.sub(r"\{\w+\}", "ccccdddd-1111-2222-3333-eeeeffff0000", operation.uri)
        doors.signed(operation.name, doors.wire.json, operation.service, operation.method, target, "", CALLERS[caller])
    doors.signed("", doors.wire.json, "rolesanywhere", "GET", "/nothing", "", CALLERS[caller])
    assert_one_each(doors, start)


def test_a_wrong_signature_an_unknown_action_and_a_wrong_path(recorded):
    doors, start = fresh(recorded)
    doors.signed("ListUsers", doors.wire.query, "iam", "ListUsers", {}, ADMIN, tamper=True)
    doors.signed("NoSuchAction", doors.wire.query, "sts", "NoSuchAction", {}, ADMIN)
    doors.signed("", doors.wire.send, "POST", "/elsewhere", FORM, "Action=ListUsers", ADMIN, "iam", False)
    doors.request("ListUsers", "GET", "/?Action=ListUsers&Version=2010-05-08")
    assert_one_each(doors, start)


@pytest.mark.parametrize("caller", CALLERS)
def test_every_operation_of_s3(recorded, caller):
    doors, start = fresh(recorded)
    for operation in s3_operations():
        path = {"Service": "/", "Bucket": "/no-such-bucket-here", "Object": "/no-such-bucket-here/key"}[operation.level]
        query = operation.params.replace("-", "") if operation.params == "-" else operation.params
        target = path + (f"?{query}" if query else "")
        headers = {operation.header: "/no-such-bucket-here/other"} if operation.header not in ("-", "") else {}
        if operation.name == "CreateBucket" and caller == "admin":
            continue  # the one that would succeed
        doors.signed(operation.name, doors.wire.s3, operation.method, target, CALLERS[caller], headers)
    assert_one_each(doors, start)


def test_what_s3_has_and_this_server_has_not(recorded):
    doors, start = fresh(recorded)
    doors.signed("GetBucketLifecycleConfiguration", doors.wire.s3, "GET", "/no-such-bucket-here?lifecycle", ADMIN)
    doors.signed("ListBuckets", doors.wire.s3, "GET", "/", ADMIN, tamper=True)
    doors.signed("", doors.wire.s3, "GET", "/%zz", ADMIN)
    assert_one_each(doors, start)


def test_services_that_are_not_served(recorded):
    doors, start = fresh(recorded)
    doors.signed("DescribeRegions", doors.wire.send, "POST", "/", FORM, "Action=DescribeRegions", ADMIN, "ec2", False)
    doors.request("GetId", "POST", "/", {"X-Amz-Target": "AWSCognitoIdentityService.GetId"}, "{}")
    assert_one_each(doors, start)


def federation(doors, event, parameters, method="GET", cookie=None):
    headers = {"Cookie": cookie} if cookie else {}
    encoded = urllib.parse.urlencode(parameters)
    if method == "POST":
        return doors.request(event, "POST", "/federation", headers | FORM, encoded)
    return doors.request(event, method, f"/federation?{encoded}", headers)


def test_the_sign_in_door(recorded):
    _, aws, trail = recorded
    user, keys = create_user(aws.iam(ADMIN), "doors", allow("sts:AssumeRole"))
    role = aws.iam(ADMIN).create_role(RoleName="doors-role", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    session = aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="doors")["Credentials"]
    issued = session["AccessKeyId"]
    trail.await_records(lambda record: issued in json.dumps(record))  # what is sent from here on is counted
    given = {"sessionId": session["AccessKeyId"], "sessionKey": session["SecretAccessKey"], "sessionToken": session["SessionToken"]}
    doors, start = fresh(recorded)

    def get_token(**change):
        return federation(doors, "GetSigninToken", {"Action": "getSigninToken", "Session": json.dumps(given | change)})

    def login(token, **more):
        return federation(doors, "ConsoleLogin", {"Action": "login", "Destination": "https://console.aws.amazon.com/", "SigninToken": token},
                          **more)

    answer, text = get_token()
    assert answer.status == 200
    token = json.loads(text)["SigninToken"]
    assert get_token(sessionKey="wrong")[0].status == 400
    assert federation(doors, "GetSigninToken", {"Action": "getSigninToken", "Session": "none"})[0].status == 400
    assert login("no-token")[0].status == 400
    assert login(token, method="HEAD")[0].status == 302
    answer, _ = login(token)
    assert answer.status == 302
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    assert login(token, method="POST")[0].status == 400, "it was used"
    for path, status in (("/_console/", 200), ("/_console/none", 404), ("/_console/style.css", 200)):
        assert doors.request("GetConsolePage", "GET", path, {"Cookie": cookie})[0].status == status
    own_page = {"Origin": f"http://127.0.0.1:{doors.server.port}", "X-Signet-Console": "1"}
    for headers, status in ((own_page | {"Cookie": cookie}, 200), (own_page, 401), ({"Cookie": cookie}, 403)):
        assert doors.request("GetConsoleCredentials", "POST", "/_console/api/credentials", headers)[0].status == status
    assert doors.request("GetConsolePage", "GET", "/_console/")[0].status == 401
    assert federation(doors, "GetConsolePage", {"Action": "none"})[0].status == 400
    assert doors.request("GetConsolePage", "GET", "/federation?Action=%zz")[0].status == 400
    assert doors.request("Logout", "GET", "/_console/signout", {"Cookie": cookie})[0].status == 403
    assert federation(doors, "Logout", {"Action": "logout"}, cookie=cookie)[0].status == 200
    assert federation(doors, "Logout", {"Action": "logout"})[0].status == 200
    assert doors.request("AssumeRoleWithSAML", "POST", "/saml", FORM, "SAMLResponse=x")[0].status == 400
    assert doors.request("AssumeRoleWithSAML", "POST", "/saml", FORM, "")[0].status == 400
    assert_one_each(doors, start)


def test_what_is_no_request(recorded):
    doors, start = fresh(recorded)
    for wrong in (b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                  b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", doors.server.port), timeout=10) as raw:
            raw.sendall(wrong)
            assert raw.recv(1000).startswith(b"HTTP/1.1 400")
        doors.sent.append("MalformedRequest")
    assert_one_each(doors, start)


def test_requests_are_counted_by_operation_and_result(recorded):
    server, aws, _ = recorded
    aws.sts(ADMIN).get_caller_identity()
    wire = Wire(server)
    assert wire.query("iam", "ListUsers", {}, NOBODY).code == "AccessDenied"
    assert not wire.query("iam", "x" * 500, {}, ADMIN).is_ok
    assert wire.query("sts", "GetCallerIdentity", {}, ADMIN, tamper=True).code == "SignatureDoesNotMatch"
    wire.close()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/_signet/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()

    counts = dict(line.rsplit(" ", 1) for line in lines if line.startswith("signet_requests_total{"))
    assert int(counts['signet_requests_total{service="sts",operation="GetCallerIdentity",result="success"}']) >= 1
    assert int(counts['signet_requests_total{service="iam",operation="ListUsers",result="denied"}']) >= 1
    assert int(counts['signet_requests_total{service="iam",operation="other",result="client_error"}']) >= 1
    assert not [name for name in counts if "xxx" in name], "names that a caller made up are no labels"
    assert int(counts['signet_requests_total{service="sts",operation="other",result="unauthenticated"}']) >= 1
    durations = dict(line.rsplit(" ", 1) for line in lines if line.startswith("signet_request_duration_seconds"))
    for name, count in counts.items():
        label = name.replace("signet_requests_total", "signet_request_duration_seconds_count")
        assert int(durations[label]) == int(count) == int(durations[label.replace("_count", "_bucket").replace("}", ',le="+Inf"}')])
        assert float(durations[label.replace("_count", "_sum")]) >= 0
