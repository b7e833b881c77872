"""The authorization ratchet: every implemented operation refuses whoever is not allowed, and changes nothing then. Driven by
the operation tables, so an operation that is added there is covered or fails here: its parameters must be known, an
administrator's call must get past authorization, and what needs no permission is listed by name."""
import base64
import hashlib
import json
import re
import time

import pytest

from support import bootstrap, templates, totp
from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, NOBODY, OTHER_ACCOUNT, Keys
from support.openssl import STANDING, STANDING_KEY
from support.operations import Parameters, operations, s3_operations
from support.people import allow, deny, policy
from support.ratchet import DOCUMENT, KNOWN, OTHER_DOCUMENT, POLICY_ARN, ROLE_ARN, SSH_KEY, STATE, TAGS, TRUST, TRUST_ALL_OF_STS
from support.saml import METADATA
from support.server import Server
from support.wire import Wire

IMPLEMENTED = [operation for operation in operations() if operation.is_implemented]
PLANNED = [operation for operation in operations() if not operation.is_implemented]

# A token or an assertion says who asks, and the trust policy decides: tests/conformance/test_web_identity.py.
NEED_NO_SIGNATURE = {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}
SIGNED = [operation for operation in IMPLEMENTED if operation.name not in NEED_NO_SIGNATURE]

# AWS authorises these whatever policies say (aws-wire 3.7, 3.10). Nothing else may be here.
NO_PERMISSION = {"sts:GetCallerIdentity", "sts:GetSessionToken"}

# Request members that make an operation need its feature actions.
FEATURES = {
    "iam:CreateServiceLinkedRole": {"Properties"},
    # The template of KNOWN needs these.
    "iam:AttachRolePolicy": set(),
    "iam:CreateRole": set(),
    "iam:PutRolePermissionsBoundary": set(),
    "iam:PutRolePolicy": set(),
    "iam:TagUser": {"Tags"},
    "iam:TagRole": {"Tags"},
    "iam:TagPolicy": {"Tags"},
    "iam:TagMFADevice": {"Tags"},
    "iam:TagInstanceProfile": {"Tags"},
    "iam:TagOpenIDConnectProvider": {"Tags"},
    "iam:TagSAMLProvider": {"Tags"},
    "iam:TagServerCertificate": {"Tags"},
    "sts:TagSession": {"Tags"},
    "sts:TagGetWebIdentityToken": {"Tags"},
    "sts:SetSourceIdentity": {"SourceIdentity"},
    "sts:SetWebIdentityTokenScope": {"Scope", "SubjectMode"},
}

# Decisions that S3's table does not name, because it has one action an operation (policy-semantics 8.4).
S3_MORE_ACTIONS = {"CopyObject": ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"),
                   "GetObjectAttributes": ("s3:GetObject",), "UploadPartCopy": ("s3:GetObject",)}

# What is refused without a reason (aws-wire 2.6, new-in-2026 4).
REASONLESS = {"AssumeRole": ROLE_ARN, "AssumeRoot": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}

# Errors that come before or from authorization: a control call that ends so has proved nothing.
NOT_REACHED = {"AccessDenied", "ValidationError", "MissingParameter", "InvalidAction", "NotImplemented", "InvalidParameterValue",
               "MissingAuthenticationToken", "IncompleteSignature", "SignatureDoesNotMatch", "InvalidClientTokenId",
               "ExpiredToken", "MalformedXML", "InvalidRequest", "InvalidArgument", "MethodNotAllowed", "InvalidURI",
               "ServiceFailure", "InternalFailure", "InternalError"}


class World:
    """One account with something of every kind in it, and a user "denied" who may do all but what deny() says."""

    def __init__(self, wire):
        self.wire = wire
        self.known = dict(KNOWN)
        self._names = {operation.name for operation in IMPLEMENTED}
        self._make_policies()
        self._make_user()
        self._make_group()
        self._make_role()
        self.admin("CreateSAMLProvider", Name="subject-idp", SAMLMetadataDocument=METADATA, Tags=TAGS)
        self.admin("UploadServerCertificate", ServerCertificateName="subject-certificate", CertificateBody=STANDING,
                   PrivateKey=STANDING_KEY, Tags=TAGS)
        if "CreateVirtualMFADevice" in self._names:
            self._make_devices()
        if "AssumeRoot" in self._names:
            self.admin("EnableOrganizationsRootSessions")
        self.admin("CreateUser", UserName="denied")
        self.admin("AttachUserPolicy", UserName="denied", PolicyArn=ADMINISTRATOR)
        self.denied_keys = self._keys_of("denied")

    def admin(self, action, **parameters):
        answer = self.wire.query("iam", action, parameters, ADMIN)
        assert answer.is_ok, (action, answer)
        return answer.body

    def deny(self, action):
        self.admin("PutUserPolicy", UserName="denied", PolicyName="deny", PolicyDocument=policy(deny(action)))

    def state(self):
        """Everything that can be read, as text."""
        answers = [(action, parameters, self.wire.query("iam", action, parameters, ADMIN))
                   for action, parameters in STATE if action in self._names]
        return {f"{action} {parameters}": _without_request_id(answer.body) for action, parameters, answer in answers}

    def parameters(self, operation, action=None):
        return Parameters(self.known).of(operation, *FEATURES.get(action, ()))

    def _make_policies(self):
        self.admin("CreatePolicy", PolicyName="subject-policy", PolicyDocument=DOCUMENT, Tags=TAGS)
        self.admin("CreatePolicyVersion", PolicyArn=POLICY_ARN, PolicyDocument=OTHER_DOCUMENT)
        self.admin("CreatePolicy", PolicyName="free-policy", PolicyDocument=DOCUMENT)

    def _make_user(self):
        self.admin("CreateUser", UserName="idle")
        self.admin("CreateUser", UserName="subject", Tags=TAGS, PermissionsBoundary=POLICY_ARN)
        self.admin("PutUserPolicy", UserName="subject", PolicyName="inline", PolicyDocument=DOCUMENT)
        self.admin("AttachUserPolicy", UserName="subject", PolicyArn=POLICY_ARN)
        keys = self._keys_of("subject")
        self.known["AccessKeyId"] = keys.access_key
        key = self.admin("UploadSSHPublicKey", UserName="subject", SSHPublicKeyBody=SSH_KEY)
        self.known["SSHPublicKeyId"] = _element(key, "SSHPublicKeyId")
        certificate = self.admin("UploadSigningCertificate", UserName="subject", CertificateBody=STANDING)
        self.known["CertificateId"] = _element(certificate, "CertificateId")
        credential = self.admin("CreateServiceSpecificCredential", UserName="subject",
                                ServiceName="codecommit.amazonaws.com")
        self.known["ServiceSpecificCredentialId"] = _element(credential, "ServiceSpecificCredentialId")

    def _make_group(self):
        self.admin("CreateGroup", GroupName="empty")
        self.admin("CreateGroup", GroupName="subjects")
        self.admin("PutGroupPolicy", GroupName="subjects", PolicyName="inline", PolicyDocument=DOCUMENT)
        self.admin("AttachGroupPolicy", GroupName="subjects", PolicyArn=POLICY_ARN)
        self.admin("AddUserToGroup", GroupName="subjects", UserName="subject")

    def _make_role(self):
        self.admin("CreateRole", RoleName="idle-role", AssumeRolePolicyDocument=TRUST)
        self.admin("CreateRole", RoleName="subject-role", AssumeRolePolicyDocument=TRUST_ALL_OF_STS, Tags=TAGS,
                   PermissionsBoundary=POLICY_ARN)
        self.admin("PutRolePolicy", RoleName="subject-role", PolicyName="inline", PolicyDocument=DOCUMENT)
        self.admin("AttachRolePolicy", RoleName="subject-role", PolicyArn=POLICY_ARN)

        if "CreateServiceLinkedRole" in self._names:
            self.admin("CreateServiceLinkedRole", AWSServiceName="ecs.amazonaws.com")

    def _keys_of(self, user):
        body = self.admin("CreateAccessKey", UserName=user)
        return Keys(_element(body, "AccessKeyId"), _element(body, "SecretAccessKey"))

    def _make_devices(self):
        self.admin("CreateVirtualMFADevice", VirtualMFADeviceName="free-device")
        seed = _element(self.admin("CreateVirtualMFADevice", VirtualMFADeviceName="subject-device"), "Base32StringSeed")
        seed = base64.b64decode(seed)
        now = time.time()
        self.admin("EnableMFADevice", UserName="subject", SerialNumber=KNOWN["SerialNumber"],
                   AuthenticationCode1=totp.code(seed, now - totp.STEP), AuthenticationCode2=totp.code(seed, now))


class Buckets:
    """One bucket with an object, a policy and an unfinished upload in it."""

    NAME = "ratchet-bucket"
    POLICY = policy(allow("s3:GetObject", f"arn:aws:s3:::{NAME}/*") | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})

    DOCUMENTS = {
        "tagging": "<Tagging><TagSet><Tag><Key>team</Key><Value>{}</Value></Tag></TagSet></Tagging>",
        "cors": "<CORSConfiguration><CORSRule><AllowedOrigin>https://{}</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
                "</CORSRule></CORSConfiguration>",
        "lifecycle": "<LifecycleConfiguration><Rule><ID>{}</ID><Filter/><Status>Enabled</Status><Expiration><Days>1</Days>"
                     "</Expiration></Rule></LifecycleConfiguration>",
        "encryption": "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256"
                      "</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
        "versioning": "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        "object-lock": "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
        "ownershipControls": "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
                             "</OwnershipControls>",
        "abac": "<AbacStatus><Status>Disabled</Status></AbacStatus>",
        "accelerate": "<AccelerateConfiguration><Status>Suspended</Status></AccelerateConfiguration>",
        "logging": f"<BucketLoggingStatus><LoggingEnabled><TargetBucket>{NAME}</TargetBucket><TargetPrefix>{{}}/</TargetPrefix>"
                   "</LoggingEnabled></BucketLoggingStatus>",
        "notification": "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>",
        "publicAccessBlock": "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
                             "</PublicAccessBlockConfiguration>",
        "requestPayment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
        "website": "<WebsiteConfiguration><IndexDocument><Suffix>{}.html</Suffix></IndexDocument></WebsiteConfiguration>",
        "analytics&id": "<AnalyticsConfiguration><Id>one</Id><Filter><Prefix>{}/</Prefix></Filter><StorageClassAnalysis/>"
                        "</AnalyticsConfiguration>",
        "intelligent-tiering&id": "<IntelligentTieringConfiguration><Id>one</Id><Filter><Prefix>{}/</Prefix></Filter>"
                                  "<Status>Enabled</Status><Tiering><Days>180</Days><AccessTier>ARCHIVE_ACCESS</AccessTier>"
                                  "</Tiering></IntelligentTieringConfiguration>",
        "inventory&id": "<InventoryConfiguration><Destination><S3BucketDestination><Bucket>arn:aws:s3:::b</Bucket>"
                        "<Format>CSV</Format></S3BucketDestination></Destination><IsEnabled>true</IsEnabled><Filter>"
                        "<Prefix>{}/</Prefix></Filter><Id>one</Id><IncludedObjectVersions>All</IncludedObjectVersions>"
                        "<Schedule><Frequency>Daily</Frequency></Schedule></InventoryConfiguration>",
        "metrics&id": "<MetricsConfiguration><Id>one</Id><Filter><Prefix>{}/</Prefix></Filter></MetricsConfiguration>",
    }
    # Of an object.
    OBJECT_TAGS = "<Tagging><TagSet><Tag><Key>team</Key><Value>{}</Value></Tag></TagSet></Tagging>"
    RETENTION = "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{}-01-01T00:00:00Z</RetainUntilDate></Retention>"
    LEGAL_HOLD = "<LegalHold><Status>{}</Status></LegalHold>"
    ACLS = {"PutBucketAcl": "private", "PutObjectAcl": "bucket-owner-full-control"}  # the former is not supported

    def __init__(self, wire):
        self._wire = wire
        self._admin("PUT", f"/{self.NAME}")
        for name, document in self.DOCUMENTS.items():
            body = document.format("first")
            self._admin("PUT", f"/{self.NAME}?{self._named(name)}", headers=_digest(body), body=body)
        self._admin("PUT", f"/{self.NAME}/key", body="bytes of the object", headers={"x-amz-tagging": "team=first"})
        for name, body in (("retention", self.RETENTION.format(2090)), ("legal-hold", self.LEGAL_HOLD.format("OFF"))):
            self._admin("PUT", f"/{self.NAME}/key?{name}", headers=_digest(body), body=body)
        self._admin("PUT", f"/{self.NAME}?policy", body=self.POLICY)
        self._upload_id = _element(self._admin("POST", f"/{self.NAME}/upload?uploads"), "UploadId")
        self._admin("PUT", f"/{self.NAME}/upload?partNumber=1&uploadId={self._upload_id}", body="bytes of the part")

    def call(self, operation, keys, tamper=False):
        """The operation on what exists; only CreateBucket is for a new one."""
        return self._wire.s3(operation.method, self._target(operation), keys, self._headers(operation),
                             self._body(operation), tamper)

    def state(self):
        reads = ["/", f"/{self.NAME}?list-type=2", f"/{self.NAME}?policy", f"/{self.NAME}?uploads", f"/{self.NAME}/key",
                 f"/{self.NAME}/upload?uploadId={self._upload_id}"]
        reads += [f"/{self.NAME}/key?{name}" for name in ("tagging", "retention", "legal-hold")]
        reads += [f"/{self.NAME}?{self._named(name)}" for name in self.DOCUMENTS]
        return {target: self._admin("GET", target) for target in reads}

    @staticmethod
    def _named(params):
        return params.replace("&id", "&id=one")

    def _target(self, operation):
        if operation.level == "Service":
            return "/"
        if operation.name == "CreateBucket":
            return "/ratchet-new-bucket"
        names = {"uploadId": f"uploadId={self._upload_id}", "partNumber": "partNumber=1", "id": "id=one"}
        query = "&".join(names.get(name, name) for name in operation.params.split("&"))
        key = ("/upload" if "uploadId" in query else "/key") if operation.level == "Object" else ""
        return f"/{self.NAME}{key}" + (f"?{query}" if query else "")

    def _headers(self, operation):
        headers = {"x-amz-copy-source": f"/{self.NAME}/key"} if operation.header else {}
        if operation.name == "CopyObject":
            headers["x-amz-metadata-directive"] = "REPLACE"
        if operation.name == "GetObjectAttributes":
            headers["x-amz-object-attributes"] = "ETag"
        if operation.name in self.ACLS:
            headers["x-amz-acl"] = self.ACLS[operation.name]
        if operation.name in ("DeleteObjects", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging") or operation.params in self.DOCUMENTS:
            headers |= _digest(self._body(operation))
        return headers

    def _body(self, operation):
        bodies = {
            "PutObject": "other bytes",
            "UploadPart": "other bytes",
            "PutObjectLegalHold": self.LEGAL_HOLD.format("ON"),
            "PutObjectRetention": self.RETENTION.format(2091),
            "PutObjectTagging": self.OBJECT_TAGS.format("second"),
            "RestoreObject": "<RestoreRequest><Days>1</Days></RestoreRequest>",
            "PutBucketPolicy": self.POLICY.replace("GetObject", "PutObject"),
            "DeleteObjects": "<Delete><Object><Key>key</Key></Object></Delete>",
            "CompleteMultipartUpload": "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                                       "&quot;00000000000000000000000000000000&quot;</ETag></Part></CompleteMultipartUpload>",
        }
        if operation.method == "PUT" and operation.level == "Bucket" and operation.params in self.DOCUMENTS:
            return self.DOCUMENTS[operation.params].format("second")
        return bodies.get(operation.name, "")

    def _admin(self, method, target, **options):
        answer = self._wire.s3(method, target, ADMIN, **options)
        assert answer.is_ok, (method, target, answer)
        return answer.body


def _document():
    """The usual accounts, the first of which manages an organization with the other in it."""
    document = bootstrap.document()
    for account in document["accounts"]:
        account["organization"] = {"id": "o-example"}
    document["accounts"][0]["organization"] |= {"management": True, "iam_access": True}
    return document


@pytest.fixture(scope="module")
def organization_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ratchet")
    (folder / "bootstrap.json").write_text(json.dumps(_document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", *templates.FLAGS], folder).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def server(organization_server):
    organization_server.post("/_signet/clock", {"reset": True})
    organization_server.post("/_signet/reset")
    return organization_server


@pytest.fixture
def wire(server):
    connection = Wire(server)
    yield connection
    connection.close()


@pytest.fixture
def world(wire):
    return World(wire)


@pytest.fixture
def buckets(wire):
    return Buckets(wire)


def protected():
    return [operation for operation in SIGNED if str(operation) not in NO_PERMISSION]


def decisions():
    """(operation, action) for every action that an operation can be refused for."""
    return [(operation, action) for operation in protected() for action in operation.actions + operation.feature_actions]


def s3_decisions():
    return [(operation, action) for operation in s3_operations()
            for action in (operation.action, *S3_MORE_ACTIONS.get(operation.name, ()))]


def test_only_two_operations_need_no_permission():
    assert {str(operation) for operation in IMPLEMENTED if not operation.actions} == NO_PERMISSION


def test_every_feature_action_has_members_that_ask_for_it():
    wanted = {action for operation in IMPLEMENTED for action in operation.feature_actions}
    assert wanted <= FEATURES.keys()


def test_every_s3_operation_has_an_action():
    assert s3_operations()
    assert all(operation.action.startswith("s3:") for operation in s3_operations())


@pytest.mark.parametrize("operation", SIGNED, ids=str)
def test_unsigned_or_wrongly_signed_is_refused(world, operation):
    parameters = world.parameters(operation)
    before = world.state()

    unsigned = world.wire.query(operation.service, operation.name, parameters, None)
    wrong = world.wire.query(operation.service, operation.name, parameters, ADMIN, tamper=True)

    assert (unsigned.status, unsigned.code) == (403, "MissingAuthenticationToken")
    assert (wrong.status, wrong.code) == (403, "SignatureDoesNotMatch")
    assert world.state() == before


@pytest.mark.parametrize("operation", protected(), ids=str)
def test_principal_without_policy_is_refused(world, operation):
    parameters = world.parameters(operation)
    before = world.state()

    answer = world.wire.query(operation.service, operation.name, parameters, NOBODY)

    assert (answer.status, answer.code) == (403, "AccessDenied"), answer
    action = operation.actions[0]
    assert answer.message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: {action}")
    assert operation.name in REASONLESS or answer.message.endswith(f"because no identity-based policy allows the {action} action")
    assert world.state() == before


@pytest.mark.parametrize("operation, action", decisions(), ids=str)
def test_explicit_deny_beats_administrator_access(world, operation, action):
    world.deny(action)
    parameters = world.parameters(operation, action)
    before = world.state()

    answer = world.wire.query(operation.service, operation.name, parameters, world.denied_keys)

    assert (answer.status, answer.code) == (403, "AccessDenied"), answer
    assert answer.message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/denied is not authorized to perform: {action}")
    if operation.name in REASONLESS:
        assert answer.message.endswith(f" on resource: {REASONLESS[operation.name]}")
    else:
        assert answer.message.endswith(" with an explicit deny in an identity-based policy")
    assert world.state() == before


@pytest.mark.parametrize("operation, action", decisions(), ids=str)
def test_administrator_gets_past_authorization(world, operation, action):
    """The refused requests were refused for the caller alone."""
    answer = world.wire.query(operation.service, operation.name, world.parameters(operation, action), ADMIN)
    assert answer.is_ok or answer.code not in NOT_REACHED, answer


@pytest.mark.parametrize("name", sorted(NO_PERMISSION))
def test_deny_of_everything_leaves_what_needs_no_permission(world, name):
    world.deny("*")
    operation = next(operation for operation in IMPLEMENTED if str(operation) == name)
    assert world.wire.query(operation.service, operation.name, {}, world.denied_keys).is_ok
    assert world.wire.query(operation.service, operation.name, {}, NOBODY).is_ok


@pytest.mark.parametrize("operation", [one for one in IMPLEMENTED if one.name in NEED_NO_SIGNATURE], ids=str)
def test_whoever_brings_no_token_is_refused(world, operation):
    parameters = world.parameters(operation)
    before = world.state()

    for keys, tamper in ((None, False), (ADMIN, False), (ADMIN, True)):
        answer = world.wire.query(operation.service, operation.name, parameters, keys, tamper=tamper)
        assert (answer.status, answer.code) == (400, "InvalidIdentityToken"), answer
    assert world.state() == before


def test_planned_operations_do_nothing(world):
    before = world.state()
    for operation in PLANNED:
        unsigned = world.wire.query(operation.service, operation.name, {}, None)
        signed = world.wire.query(operation.service, operation.name, {}, ADMIN)
        expected = "NotImplemented" if operation.name in NEED_NO_SIGNATURE else "MissingAuthenticationToken"
        assert unsigned.code == expected, operation
        assert (signed.code, operation.name in signed.message) == ("NotImplemented", True), operation
    assert world.state() == before


@pytest.mark.parametrize("operation", s3_operations(), ids=str)
def test_s3_unsigned_or_wrongly_signed_is_refused(buckets, operation):
    before = buckets.state()

    unsigned = buckets.call(operation, None)
    wrong = buckets.call(operation, ADMIN, tamper=True)

    assert_s3_refused(operation, unsigned, "AccessDenied", "Access Denied")
    assert_s3_refused(operation, wrong, "SignatureDoesNotMatch", "The request signature we calculated does not match")
    assert buckets.state() == before


@pytest.mark.parametrize("operation", s3_operations(), ids=str)
def test_s3_principal_without_policy_is_refused(buckets, operation):
    before = buckets.state()

    answer = buckets.call(operation, NOBODY)

    assert_s3_refused(operation, answer, "AccessDenied",
                      f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: s3:")
    assert answer.message is None or "because no identity-based policy allows the s3:" in answer.message
    assert buckets.state() == before


@pytest.mark.parametrize("operation, action", s3_decisions(), ids=str)
def test_s3_explicit_deny_beats_administrator_access(world, buckets, operation, action):
    world.deny(action)
    before = buckets.state()

    answer = buckets.call(operation, world.denied_keys)

    assert_s3_refused(operation, answer, "AccessDenied",
                      f"User: arn:aws:iam::{ACCOUNT}:user/denied is not authorized to perform: {action} ")
    assert answer.message is None or answer.message.endswith("with an explicit deny in an identity-based policy")
    assert buckets.state() == before


@pytest.mark.parametrize("operation", s3_operations(), ids=str)
def test_s3_administrator_gets_past_authorization(buckets, operation):
    answer = buckets.call(operation, ADMIN)
    assert answer.is_ok or answer.code not in NOT_REACHED, answer
    assert answer.is_ok or operation.method != "HEAD"


def assert_s3_refused(operation, answer, code, message):
    if operation.method == "HEAD":  # an error without a document (aws-wire 2.7)
        assert (answer.status, answer.body) == (403, "")
        return
    # A signed DeleteObjects answers for each key by itself (policy-semantics 8.4).
    is_per_key = operation.name == "DeleteObjects" and code == "AccessDenied" and answer.status == 200
    assert is_per_key or answer.status == 403, answer
    assert answer.code == code, answer
    assert answer.message.startswith(message), answer


def _digest(body):
    return {"Content-MD5": base64.b64encode(hashlib.md5(body.encode()).digest()).decode()}


def _element(body, name):
    return re.search(f"<{name}>([^<]*)</{name}>", body).group(1)


def _without_request_id(body):
    return re.sub("<RequestId>[^<]*</RequestId>", "", body)
