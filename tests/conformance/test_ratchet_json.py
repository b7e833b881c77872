"""The authorization ratchet for services of REST with JSON, as test_ratchet.py has it for the others: every implemented operation
refuses whoever is not allowed, and changes nothing then. An operation that is added to the tables is covered or fails here."""
import base64
import json

import pytest

from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, NOBODY, Keys
from support.operations import Parameters, json_operations
from support.openssl import STANDING
from support.people import deny, policy, trust
from support.pki import Pki
from support.wire import Wire

IMPLEMENTED = [operation for operation in json_operations() if operation.is_implemented]
PLANNED = [operation for operation in json_operations() if not operation.is_implemented]

# A certificate says who asks, and the trust policy decides: tests/conformance/test_roles_anywhere_sessions.py.
NEED_NO_SIGNATURE = {"CreateSession"}
SIGNED = [operation for operation in IMPLEMENTED if operation.name not in NEED_NO_SIGNATURE]

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/subject-role"

# Request members that make an operation need its feature actions.
FEATURES = {"iam:PassRole": {"roleArns"}}

# Errors that come before or from authorization: a control call that ends so has proved nothing.
NOT_REACHED = {"AccessDeniedException", "ValidationException", "SerializationException", "UnknownOperationException", "NotImplemented",
               "MissingAuthenticationTokenException", "InvalidSignatureException", "UnrecognizedClientException",
               "IncompleteSignatureException", "InternalFailure"}

# What the reads show, so that nothing can change unseen.
STATE = ("/trustanchors", "/profiles", "/crls", "/subjects")


@pytest.fixture(scope="module")
def crl(tmp_path_factory):
    pki = Pki(tmp_path_factory.mktemp("pki"))
    return base64.b64encode(pki.revocation_list(pki.authority()).encode()).decode()


class World:
    """An account with something of every kind in it, and a user "denied" who may do all but what deny() says."""

    def __init__(self, wire, aws, crl):
        self.wire, self.iam = wire, aws.iam(ADMIN)
        self.iam.create_role(RoleName="subject-role", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
        source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": STANDING}}
        anchor = self._made("/trustanchors", {"name": "subject", "source": source})["trustAnchor"]
        profile = self._made("/profiles", {"name": "subject", "roleArns": []})["profile"]
        self.known = {"source": source, "trustAnchorId": anchor["trustAnchorId"], "trustAnchorArn": anchor["trustAnchorArn"],
                      "profileId": profile["profileId"], "resourceArn": profile["profileArn"], "crlData": crl,
                      "roleArns": [], "subjectId": "ccccdddd-1111-2222-3333-eeeeffff0000", "specifier": "CN"}
        self.known["crlId"] = self._made("/crls", {"name": "subject", "crlData": crl,
                                                   "trustAnchorArn": anchor["trustAnchorArn"]})["crl"]["crlId"]
        self.iam.create_user(UserName="denied")
        self.iam.attach_user_policy(UserName="denied", PolicyArn=ADMINISTRATOR)
        self.denied = Keys.of_user(self.iam.create_access_key(UserName="denied")["AccessKey"])

    def _made(self, target, body):
        answer = self.wire.json("rolesanywhere", "POST", target, json.dumps(body), ADMIN)
        assert answer.is_ok, answer
        return json.loads(answer.body)

    def deny(self, action):
        self.iam.put_user_policy(UserName="denied", PolicyName="deny", PolicyDocument=policy(deny(action)))

    def call(self, operation, keys, action=None, tamper=False):
        known = self.known | ({"roleArns": [ROLE_ARN]} if "roleArns" in FEATURES.get(action, ()) else {})
        target, body = Parameters(known).of_json(operation, *FEATURES.get(action, ()))
        return self.wire.json(operation.service, operation.method, target, body, keys, tamper)

    def state(self):
        return [self.wire.json("rolesanywhere", "GET", target, "", ADMIN).body for target in STATE]


@pytest.fixture
def wire(server):
    connection = Wire(server)
    yield connection
    connection.close()


@pytest.fixture
def world(wire, aws, crl):
    return World(wire, aws, crl)


def decisions():
    return [(operation, action) for operation in SIGNED for action in operation.actions + operation.feature_actions]


def test_every_operation_needs_its_permission():
    assert all(f"{operation.service}:{operation.name}" in operation.actions for operation in SIGNED)
    assert {action for operation in SIGNED for action in operation.feature_actions} <= FEATURES.keys()


@pytest.mark.parametrize("operation", SIGNED, ids=str)
def test_unsigned_or_wrongly_signed_is_refused(world, operation):
    before = world.state()
    wrong = world.call(operation, ADMIN, tamper=True)
    assert (wrong.status, wrong.code) == (403, "InvalidSignatureException")
    assert world.state() == before


@pytest.mark.parametrize("operation", SIGNED, ids=str)
def test_principal_without_policy_is_refused(world, operation):
    before = world.state()
    answer = world.call(operation, NOBODY)
    action = operation.actions[0]
    assert (answer.status, answer.code) == (403, "AccessDeniedException"), answer
    assert answer.message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: {action} on resource: ")
    assert answer.message.endswith(f"because no identity-based policy allows the {action} action")
    assert world.state() == before


@pytest.mark.parametrize("operation, action", decisions(), ids=str)
def test_explicit_deny_beats_administrator_access(world, operation, action):
    world.deny(action)
    before = world.state()
    answer = world.call(operation, world.denied, action)
    assert (answer.status, answer.code) == (403, "AccessDeniedException"), answer
    assert answer.message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/denied is not authorized to perform: {action}")
    assert answer.message.endswith(" with an explicit deny in an identity-based policy")
    assert world.state() == before


@pytest.mark.parametrize("operation, action", decisions(), ids=str)
def test_administrator_gets_past_authorization(world, operation, action):
    """The refused requests were refused for the caller alone."""
    answer = world.call(operation, ADMIN, action)
    assert answer.is_ok or answer.code not in NOT_REACHED, answer


@pytest.mark.parametrize("operation", [one for one in IMPLEMENTED if one.name in NEED_NO_SIGNATURE], ids=str)
def test_a_signature_of_keys_is_no_certificate(world, operation):
    before = world.state()
    for keys, tamper in ((ADMIN, False), (ADMIN, True)):
        answer = world.wire.json(operation.service, operation.method, operation.uri, "{}", keys, tamper)
        assert (answer.status, answer.code) == (400, "ValidationException"), answer
    assert world.state() == before


def test_planned_operations_do_nothing(world):
    before = world.state()
    for operation in PLANNED:
        signed = world.call(operation, ADMIN)
        assert (signed.code, operation.name in signed.message) == ("NotImplemented", True), operation
    assert world.state() == before
