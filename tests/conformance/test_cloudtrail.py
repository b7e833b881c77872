"""CloudTrail's event history: LookupEvents tells the account what its audit records say, newest first, and nothing else."""
import datetime
import http.client
import json
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, NOBODY, OTHER_ACCOUNT, OTHER_ADMIN, Keys
from support.people import allow, create_user, deny, policy, trust
from support.server import Server
from support.trail import recording_server
from support.wire import Wire

TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    with recording_server(tmp_path_factory.mktemp("audit")) as parts:
        yield parts


def history(aws, keys=ADMIN, **options):
    return aws.client("cloudtrail", keys, **options)


def lookup(client, key=None, value=None, **parameters):
    """All events, over all pages; those with that attribute."""
    if key:
        parameters["LookupAttributes"] = [{"AttributeKey": key, "AttributeValue": value}]
    pages = client.get_paginator("lookup_events").paginate(**parameters)
    return [event for page in pages for event in page["Events"]]


def await_events(client, count, key, value):
    """Records of reads are in the file within 200 ms."""
    deadline = time.monotonic() + 10
    while True:
        found = lookup(client, key, value)
        if len(found) >= count or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_a_change_is_found_at_once_with_what_was_done(recorded):
    _, aws, _ = recorded
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2)
    aws.iam(ADMIN).create_user(UserName="looked-up", Tags=[{"Key": "team", "Value": "x"}])
    (event,) = lookup(history(aws), "ResourceName", "looked-up")
    assert (event["EventName"], event["EventSource"], event["ReadOnly"]) == ("CreateUser", "iam.amazonaws.com", "false")
    assert (event["Username"], event["AccessKeyId"]) == ("admin", ADMIN.access_key)
    assert before <= event["EventTime"] <= before + datetime.timedelta(minutes=1)
    assert {"ResourceType": "AWS::IAM::User", "ResourceName": f"arn:aws:iam::{ACCOUNT}:user/looked-up"} in event["Resources"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == event["EventId"] and record["eventName"] == "CreateUser"
    assert record["requestParameters"] == {"userName": "looked-up", "tags": [{"key": "team", "value": "x"}]}
    assert record["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert record["recipientAccountId"] == ACCOUNT and record["managementEvent"] is True


def test_an_event_has_nothing_that_is_for_the_operator(recorded):
    _, aws, _ = recorded
    role = f"arn:aws:iam::{ACCOUNT}:role/asks-for-an-id"
    aws.iam(ADMIN).create_role(RoleName="asks-for-an-id", AssumeRolePolicyDocument=trust(
        f"arn:aws:iam::{OTHER_ACCOUNT}:root", StringEquals={"sts:ExternalId": "known-to-few"}))
    sts = aws.sts(OTHER_ADMIN)
    with refused("AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="guessing")
    (event,) = await_events(history(aws, OTHER_ADMIN), 1, "EventName", "AssumeRole")
    assert "known-to-few" not in event["CloudTrailEvent"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["errorCode"] == "AccessDenied" and record["requestParameters"]["roleArn"] == role
    assert not {"sequence", "chain", "previous"} & record.keys()
    assert not {"refusal", "encodedAuthorizationMessage"} & record.get("additionalEventData", {}).keys()


def test_credentials_are_found_by_the_key_that_was_issued(recorded):
    _, aws, _ = recorded
    arn = aws.iam(ADMIN).create_role(RoleName="worker", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:user/admin"))["Role"]["Arn"]
    session = Keys.of(aws.sts(ADMIN).assume_role(RoleArn=arn, RoleSessionName="night")["Credentials"])
    aws.sts(session).get_caller_identity()
    (used,) = await_events(history(aws), 1, "AccessKeyId", session.access_key)
    assert (used["EventName"], used["Username"]) == ("GetCallerIdentity", "night")
    (issued,) = await_events(history(aws), 1, "ResourceName", session.access_key)
    assert (issued["EventName"], issued["Username"]) == ("AssumeRole", "admin")
    assert json.loads(issued["CloudTrailEvent"])["responseElements"]["credentials"].keys() >= {"accessKeyId", "expiration"}
    assert session.secret_key not in issued["CloudTrailEvent"] and session.token not in issued["CloudTrailEvent"]


def test_accounts_and_regions_see_their_own_events(recorded):
    _, aws, _ = recorded
    aws.iam(OTHER_ADMIN).create_user(UserName="of-the-other")
    assert lookup(history(aws), "ResourceName", "of-the-other") == []
    assert len(lookup(history(aws, OTHER_ADMIN), "ResourceName", "of-the-other")) == 1
    session = aws.session(ADMIN)
    far = session.client("cloudtrail", endpoint_url=aws.url, region_name="eu-central-1")
    assert lookup(far, "EventName", "CreateUser") == []
    session.client("sts", endpoint_url=aws.url, region_name="eu-central-1").get_caller_identity()
    assert await_events(far, 1, "EventName", "GetCallerIdentity")


def test_data_events_are_not_told(recorded):
    _, aws, _ = recorded
    s3 = aws.s3(ADMIN)
    s3.create_bucket(Bucket="told-of")
    s3.put_object(Bucket="told-of", Key="k", Body=b"x")
    names = {event["EventName"] for event in await_events(history(aws), 1, "EventSource", "s3.amazonaws.com")}
    assert "CreateBucket" in names and "PutObject" not in names


def test_pages_have_each_event_once_newest_first(recorded):
    _, aws, _ = recorded
    iam = aws.iam(ADMIN)
    for number in range(7):
        iam.create_group(GroupName=f"paged-{number}")
    client = history(aws)
    seen, token = [], None
    while True:
        page = client.lookup_events(MaxResults=3, LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateGroup"}],
                                    **({"NextToken": token} if token else {}))
        assert len(page["Events"]) <= 3
        seen += [json.loads(event["CloudTrailEvent"])["requestParameters"]["groupName"] for event in page["Events"]]
        iam.create_group(GroupName=f"paged-later-{len(seen)}")  # what comes meanwhile does not move the pages
        token = page.get("NextToken")
        if token is None:
            break
    assert seen == [f"paged-{number}" for number in reversed(range(7))]


def test_pages_go_on_where_files_were_filled(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    arguments = ["--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit-rotate", "1"]
    with Server(arguments, tmp_path).start() as server:
        aws = Aws(server.url, tmp_path)
        iam = aws.iam(ADMIN)
        document = policy(allow("s3:GetObject", [f"arn:aws:s3:::bucket-{n:04d}/*" for n in range(30)]))
        iam.create_user(UserName="first-of-all")
        for _ in range(900):
            iam.put_user_policy(UserName="nobody", PolicyName="p", PolicyDocument=document)
        assert len(list((tmp_path / "data").glob("audit.jsonl.0*"))) >= 1
        client = history(aws)
        events = lookup(client, "EventName", "PutUserPolicy")
        assert len({event["EventId"] for event in events}) == len(events) == 900
        assert len(lookup(client, "ResourceName", "first-of-all")) == 1


def test_times_bound_what_is_told(recorded):
    _, aws, _ = recorded
    client = history(aws)
    aws.iam(ADMIN).create_user(UserName="of-today")
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    assert lookup(client, "ResourceName", "of-today", StartTime=now - hour, EndTime=now + hour)
    assert not lookup(client, "ResourceName", "of-today", StartTime=now - 2 * hour, EndTime=now - hour)
    assert not lookup(client, "ResourceName", "of-today", StartTime=now + hour)
    with refused("InvalidTimeRangeException", status=400):
        client.lookup_events(StartTime=now, EndTime=now - hour)


def test_after_90_days_an_event_is_history_no_more(recorded):
    server, aws, _ = recorded
    aws.iam(ADMIN).create_user(UserName="soon-forgotten")
    assert lookup(history(aws), "ResourceName", "soon-forgotten")
    server.post("/_signet/clock", {"shift_seconds": 91 * 86400})
    try:
        answer = call(server, {"LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": "soon-forgotten"}]})
        assert answer == (200, {"Events": []})
    finally:
        server.post("/_signet/clock", {"reset": True})


def call(server, body, keys=ADMIN, target=TARGET, method="POST", path="/", skew=91 * 86400):
    """A request by hand, signed at the server's clock; (status, decoded body)."""
    request = botocore.awsrequest.AWSRequest(method=method, url=f"{server.url}{path}", data=json.dumps(body).encode(),
                                             headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target})
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(keys.access_key, keys.secret_key), "cloudtrail", "us-east-1")
    shifted = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(seconds=skew)
    original = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *_, **__: shifted
    try:
        signer.add_auth(request)
    finally:
        botocore.auth.get_current_datetime = original
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, path, request.data, dict(request.headers.items()))
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_insights_there_are_none(recorded):
    _, aws, _ = recorded
    answer = history(aws).lookup_events(EventCategory="insight")
    assert answer["Events"] == [] and "NextToken" not in answer


def test_who_may_not_look_is_refused_in_awss_words(recorded):
    _, aws, _ = recorded
    message = (f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: cloudtrail:LookupEvents on resource: * "
               "because no identity-based policy allows the cloudtrail:LookupEvents action")
    with refused("AccessDeniedException", message, status=400):
        history(aws, NOBODY).lookup_events()
    iam = aws.iam(ADMIN)
    _, reader = create_user(iam, "may-look", allow("cloudtrail:LookupEvents"))
    assert "Events" in history(aws, reader).lookup_events(MaxResults=1)
    iam.put_user_policy(UserName="may-look", PolicyName="not", PolicyDocument=policy(deny("cloudtrail:*")))
    with refused("AccessDeniedException", "with an explicit deny in an identity-based policy"):
        history(aws, reader).lookup_events()


@pytest.mark.parametrize("parameters, code", [
    ({"MaxResults": 0}, "ValidationException"),
    ({"MaxResults": 51}, "ValidationException"),
    ({"EventCategory": "management"}, "ValidationException"),
    ({"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "red"}]}, "ValidationException"),
    ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": ""}]}, "ValidationException"),
    ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2}, "InvalidLookupAttributesException"),
    ({"NextToken": "no token"}, "InvalidNextTokenException"),
    ({"NextToken": "bm8gdG9rZW4="}, "InvalidNextTokenException"),
], ids=str)
def test_bad_parameters_get_their_error(recorded, parameters, code):
    _, aws, _ = recorded
    with refused(code, status=400):
        aws.unchecked("cloudtrail", ADMIN).lookup_events(**parameters)


def test_a_token_is_of_its_parameters_and_account(recorded):
    _, aws, _ = recorded
    token = history(aws).lookup_events(MaxResults=1)["NextToken"]
    for client, parameters in ((history(aws, OTHER_ADMIN), {}),
                               (history(aws), {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "x"}]})):
        with refused("InvalidNextTokenException"):
            client.lookup_events(NextToken=token, **parameters)


def test_bodies_that_cannot_be_read_and_other_targets(recorded):
    server, _, _ = recorded
    assert call(server, {"StartTime": "yesterday"}, skew=0) == (
        400, {"__type": "SerializationException", "message": "STRING_VALUE can not be converted to a Timestamp"})
    assert call(server, [], skew=0)[1]["__type"] == "SerializationException"
    assert call(server, {}, target=TARGET + "x", skew=0)[1]["__type"] == "UnknownOperationException"
    assert call(server, {}, method="PUT", skew=0)[1]["__type"] == "UnknownOperationException"
    assert call(server, {}, path="/elsewhere", skew=0)[1]["__type"] == "UnknownOperationException"
    assert call(server, {}, keys=Keys(ADMIN.access_key, "wrong"), skew=0)[1]["__type"] == "InvalidSignatureException"
    assert call(server, {}, keys=Keys("AKIANOBODYHASTHIS000", "x"), skew=0)[1]["__type"] == "UnrecognizedClientException"
    answer = Wire(server).send("POST", "/", {"X-Amz-Target": TARGET, "Content-Type": "application/x-amz-json-1.1"}, "{}", None, "", False)
    assert json.loads(answer.body)["__type"] == "MissingAuthenticationTokenException"


def test_operations_that_are_not_written_say_so(recorded):
    _, aws, _ = recorded
    with refused("NotImplemented", "DescribeTrails", status=501):
        history(aws).describe_trails()


def test_without_a_trail_it_is_said(aws):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        aws.client("cloudtrail", ADMIN).lookup_events()
    assert error.value.response["Error"]["Code"] == "UnsupportedOperationException"
    assert "--audit" in error.value.response["Error"]["Message"]
