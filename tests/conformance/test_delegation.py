"""Delegation requests, with boto3: a partner (the second account) asks for access to the first."""
import json

import pytest
from support import templates
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, NOBODY, OTHER_ACCOUNT, OTHER_ADMIN, Keys
from support.people import allow, create_user, deny, poll
from support.server import Server
from support.trail import Trail

TOPIC = f"arn:aws:sns:us-east-1:{OTHER_ACCOUNT}:delegations"
DAY = 86400


def request(**more):
    return {
        "OwnerAccountId": ACCOUNT,
        "Description": "Sets up the product",
        "Permissions": {"PolicyTemplateArn": templates.BUCKET,
                        "Parameters": [{"Name": "bucketName", "Values": ["logs"], "Type": "string"}]},
        "RequestorWorkflowId": "order-1",
        "NotificationChannel": TOPIC,
        "SessionDuration": 3600,
    } | more


@pytest.fixture
def partner(aws):
    return aws.iam(OTHER_ADMIN)


@pytest.fixture
def create(partner):
    return lambda **more: partner.create_delegation_request(**request(**more))["DelegationRequestId"]


def state(iam, identifier):
    return iam.get_delegation_request(DelegationRequestId=identifier)["DelegationRequest"]["State"]


def test_request_is_shown_as_it_was_made(create, admin_iam):
    identifier = create(RequestMessage="as discussed", RedirectUrl="https://example.com/back", OnlySendByOwner=True)

    shown = admin_iam.get_delegation_request(DelegationRequestId=identifier)
    one = shown["DelegationRequest"]
    assert "PermissionCheckStatus" not in shown
    assert one["DelegationRequestId"] == identifier
    assert (one["State"], one["OwnerAccountId"], one["RequestorId"]) == ("UNASSIGNED", ACCOUNT, OTHER_ACCOUNT)
    assert (one["RequestorName"], one["RequestMessage"], one["RedirectUrl"]) == ("Example Partner", "as discussed",
                                                                                 "https://example.com/back")
    assert one["Permissions"] == request()["Permissions"]
    assert [s["Resource"] for s in json.loads(one["PermissionPolicy"])["Statement"]] == ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]
    assert (one["SessionDuration"], one["OnlySendByOwner"]) == (3600, True)
    assert (one["ExpirationTime"] - one["CreateDate"]).total_seconds() == pytest.approx(DAY, abs=1)
    assert not {"OwnerId", "ApproverId", "Notes", "RejectionReason"} & one.keys()


def test_the_way_of_a_request(create, admin_iam):
    identifier = create()
    steps = [(admin_iam.associate_delegation_request, {}, "ASSIGNED"),
             (admin_iam.update_delegation_request, {"Notes": "please"}, "PENDING_APPROVAL"),
             (admin_iam.accept_delegation_request, {}, "ACCEPTED"),
             (admin_iam.send_delegation_token, {}, "FINALIZED")]
    for call, more, expected in steps:
        call(DelegationRequestId=identifier, **more)
        assert state(admin_iam, identifier) == expected
    one = admin_iam.get_delegation_request(DelegationRequestId=identifier)["DelegationRequest"]
    assert one["OwnerId"] == one["ApproverId"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert one["Notes"] == "please"
    for call in (admin_iam.reject_delegation_request, admin_iam.send_delegation_token, admin_iam.update_delegation_request,
                 admin_iam.accept_delegation_request, admin_iam.associate_delegation_request):
        with refused("InvalidInput", "is in the state FINALIZED", status=400):
            call(DelegationRequestId=identifier)


def test_rejected_request_stays_rejected(create, admin_iam):
    identifier = create()
    admin_iam.associate_delegation_request(DelegationRequestId=identifier)
    admin_iam.accept_delegation_request(DelegationRequestId=identifier)
    admin_iam.reject_delegation_request(DelegationRequestId=identifier, Notes="not now")

    one = admin_iam.get_delegation_request(DelegationRequestId=identifier)["DelegationRequest"]
    assert (one["State"], one["RejectionReason"]) == ("REJECTED", "not now")
    with refused("InvalidInput", "REJECTED"):
        admin_iam.accept_delegation_request(DelegationRequestId=identifier)


def test_requests_expire(create, admin_iam, shift_time):
    identifier = create()
    shift_time(DAY + 1)
    assert state(admin_iam, identifier) == "EXPIRED"
    with refused("InvalidInput", "EXPIRED"):
        admin_iam.associate_delegation_request(DelegationRequestId=identifier)


def test_bad_requests_are_refused(partner, create, admin_iam):
    create()
    with refused("EntityAlreadyExists", "order-1", status=409):
        create()
    with refused("InvalidInput", "is not registered for this account", status=400):
        admin_iam.create_delegation_request(**request())
    with refused("InvalidInput", "is not the ARN of an SNS topic of this account", status=400):
        create(RequestorWorkflowId="order-2", NotificationChannel=TOPIC.replace(OTHER_ACCOUNT, ACCOUNT))
    with refused("InvalidInput", "The parameter bucketName needs a value.", status=400):
        create(RequestorWorkflowId="order-2", Permissions={"PolicyTemplateArn": templates.BUCKET})
    with refused("InvalidInput", "must not contain wildcards", status=400):
        create(RequestorWorkflowId="order-2",
               Permissions={"PolicyTemplateArn": templates.BUCKET, "Parameters": [{"Name": "bucketName", "Values": ["*"]}]})
    with refused("NoSuchEntity", "cannot be found", status=404):
        admin_iam.get_delegation_request(DelegationRequestId="0123456789abcdef")


def test_partner_and_strangers_do_not_see_it(create, aws, partner, admin_iam):
    identifier = create()
    with refused("NoSuchEntity", status=404):
        partner.get_delegation_request(DelegationRequestId=identifier)
    with refused("AccessDenied", f"arn:aws:iam::{ACCOUNT}:delegation-request/{identifier}", status=403):
        aws.iam(NOBODY).get_delegation_request(DelegationRequestId=identifier)
    admin_iam.associate_delegation_request(DelegationRequestId=identifier)
    with refused("NoSuchEntity", status=404):
        partner.accept_delegation_request(DelegationRequestId=identifier)


def test_owner_needs_no_policy_to_read_and_forward(create, aws, admin_iam):
    identifier = create()
    _, keys = create_user(admin_iam, "owner", allow("iam:AssociateDelegationRequest"))
    owner = aws.iam(keys)
    owner.associate_delegation_request(DelegationRequestId=identifier)

    assert state(owner, identifier) == "ASSIGNED"
    owner.update_delegation_request(DelegationRequestId=identifier)
    arn = f"arn:aws:iam::{ACCOUNT}:delegation-request/{identifier}"
    assert owner.get_human_readable_summary(EntityArn=arn)["SummaryState"] == "AVAILABLE"
    for call in (owner.accept_delegation_request, owner.reject_delegation_request, owner.send_delegation_token):
        with refused("AccessDenied", arn, status=403):
            call(DelegationRequestId=identifier)
    admin_iam.put_user_policy(UserName="owner", PolicyName="no", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": deny("iam:GetDelegationRequest")}))
    with refused("AccessDenied", "with an explicit deny in an identity-based policy", status=403):
        owner.get_delegation_request(DelegationRequestId=identifier)


def test_permission_check_compares_policies(create, aws, admin_iam):
    identifier = create()
    statements = {
        "ALLOWED": allow("s3:*", "arn:aws:s3:::l*"),
        "DENIED": allow("s3:GetObject"),
        "UNSURE": allow("s3:*", IpAddress={"aws:SourceIp": "127.0.0.0/8"}),
    }
    for expected, statement in statements.items():
        _, keys = create_user(admin_iam, f"user-{expected}", allow("iam:GetDelegationRequest"), statement)
        answer = aws.iam(keys).get_delegation_request(DelegationRequestId=identifier, DelegationPermissionCheck=True)
        assert (answer["PermissionCheckStatus"], answer["PermissionCheckResult"]) == ("COMPLETE", expected)


def test_summary_says_what_is_asked_for(create, admin_iam):
    arn = f"arn:aws:iam::{ACCOUNT}:delegation-request/{create()}"

    summary = admin_iam.get_human_readable_summary(EntityArn=arn, Locale="en")
    assert (summary["SummaryState"], summary["Locale"]) == ("AVAILABLE", "en")
    assert "Example Partner (account 210987654321) asks for temporary access" in summary["SummaryContent"]
    assert "It may do s3:GetObject, s3:PutObject on arn:aws:s3:::logs/*." in summary["SummaryContent"]
    assert admin_iam.get_human_readable_summary(EntityArn=arn, Locale="fr")["SummaryState"] == "NOT_SUPPORTED"
    with refused("InvalidInput", "is not a delegation request", status=400):
        admin_iam.get_human_readable_summary(EntityArn=f"arn:aws:iam::{ACCOUNT}:user/admin")


def test_list_has_owned_requests_page_by_page(create, admin_iam):
    assert admin_iam.list_delegation_requests()["DelegationRequests"] == []
    made = [create(RequestorWorkflowId=f"order-{number}") for number in range(3)]
    assert admin_iam.list_delegation_requests()["DelegationRequests"] == [], "nobody owns them yet"
    for identifier in made:
        admin_iam.associate_delegation_request(DelegationRequestId=identifier)

    seen, marker = [], {}
    while True:
        page = admin_iam.list_delegation_requests(MaxItems=1, **marker)
        seen += [one["DelegationRequestId"] for one in page["DelegationRequests"]]
        if not page["isTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert sorted(seen) == sorted(made)
    owner = f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert len(admin_iam.list_delegation_requests(OwnerId=owner)["DelegationRequests"]) == 3
    assert admin_iam.list_delegation_requests(OwnerId=owner.replace("admin", "nobody"))["DelegationRequests"] == []
    with refused("ValidationError", "Invalid Marker", status=400):
        admin_iam.list_delegation_requests(Marker="made-up")


def test_conditions_bind_what_partners_may_ask(aws, partner, create):
    _, keys = create_user(partner, "asker", allow("iam:CreateDelegationRequest", StringEquals={
        "iam:DelegationDuration": "3600", "iam:NotificationChannel": TOPIC}, ArnEquals={"iam:TemplateArn": templates.BUCKET}))
    asker = aws.iam(keys)
    asker.create_delegation_request(**request())
    with refused("AccessDenied", f"arn:aws:iam::{OTHER_ACCOUNT}:delegation-request/*", status=403):
        asker.create_delegation_request(**request(SessionDuration=7200, RequestorWorkflowId="order-2"))


@pytest.fixture
def served(tmp_path, dev_server):
    """A server of its own that writes notifications."""
    server = Server([*dev_server.arguments, "--notifications", tmp_path / "notifications", "--audit", tmp_path / "audit.jsonl"],
                    tmp_path / "server").start()
    yield server
    assert server.stop() == 0


def test_partner_is_told_in_a_file_and_trades_the_token(served, tmp_path):
    clients = Aws(served.url, tmp_path)
    partner, customer = clients.iam(OTHER_ADMIN), clients.iam(ADMIN)
    identifier = partner.create_delegation_request(**request())["DelegationRequestId"]
    for step in ("associate_delegation_request", "accept_delegation_request", "send_delegation_token"):
        getattr(customer, step)(DelegationRequestId=identifier)

    file = tmp_path / "notifications" / f"{OTHER_ACCOUNT}.jsonl"
    lines = poll(lambda: file.exists() and len(file.read_text().splitlines()) == 4 and file.read_text().splitlines())
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    envelopes = [json.loads(line) for line in lines]
    assert {(one["Type"], one["TopicArn"]) for one in envelopes} == {("Notification", TOPIC)}
    messages = [json.loads(one["Message"]) for one in envelopes]
    assert {one["State"] for one in messages if one["Type"] == "StateChange"} == {"ASSIGNED", "ACCEPTED", "FINALIZED"}
    token = next(one for one in messages if one["Type"] == "ExchangeToken")
    assert (token["RequestId"], token["RequestorWorkflowId"], token["OwnerAccountId"]) == (identifier, "order-1", ACCOUNT)
    secret = token["ExchangeToken"].split(".")[1]
    clients.s3(ADMIN).create_bucket(Bucket="logs")
    clients.s3(ADMIN).put_object(Bucket="logs", Key="one", Body=b"1")

    traded = clients.sts(OTHER_ADMIN).get_delegated_access_token(TradeInToken=token["ExchangeToken"])
    assert traded["AssumedPrincipal"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    delegated = Keys.of(traded["Credentials"])
    assert clients.s3(delegated).get_object(Bucket="logs", Key="one")["Body"].read() == b"1"
    with refused("AccessDenied", status=403):
        clients.s3(delegated).list_buckets()
    with refused("AccessDenied", status=403):
        clients.iam(delegated).list_users()
    with refused("ExpiredTradeInTokenException", status=400):
        clients.sts(ADMIN).get_delegated_access_token(TradeInToken=token["ExchangeToken"])
    shown = json.dumps(customer.get_delegation_request(DelegationRequestId=identifier), default=str)
    trail = Trail(tmp_path / "audit.jsonl")
    for of in (delegated.access_key, "ExpiredTradeInTokenException"):
        trail.event("GetDelegatedAccessToken", of)
    written = trail.text() + (served.folder / "server.log").read_text()
    assert secret not in shown and secret not in written
