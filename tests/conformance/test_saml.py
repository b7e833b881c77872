"""SAML through boto3: providers, and roles for which samlify, as the identity provider, makes assertions."""
import base64
import datetime
import hashlib
import json
import random
import re
import string
import subprocess

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, error_code, policy
from support.saml import METADATA, RECIPIENT, IdentityProvider, PySaml2, role_attributes
from support.server import ROOT
from support.trail import recording_server

ARN = "arn:aws:iam::123456789012:saml-provider/idp"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"


def private_key(folder, bits=2048):
    """(private key as PEM, certificate as PEM) to encrypt for."""
    key, chain = folder / "sp.key", folder / "sp.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", f"rsa:{bits}", "-nodes", "-subj", "/CN=sp", "-keyout", key, "-out", chain],
                   check=True, capture_output=True)
    return key.read_text(), chain.read_text()


def test_provider_life(admin_iam):
    made = admin_iam.create_saml_provider(SAMLMetadataDocument=METADATA, Name="idp", Tags=[{"Key": "team", "Value": "red"}])
    assert made["SAMLProviderArn"] == ARN
    assert made["Tags"] == [{"Key": "team", "Value": "red"}]

    got = admin_iam.get_saml_provider(SAMLProviderArn=ARN)

    assert got["SAMLMetadataDocument"] == METADATA
    assert got["AssertionEncryptionMode"] == "Allowed"
    assert got["PrivateKeyList"] == []
    assert got["Tags"] == [{"Key": "team", "Value": "red"}]
    assert got["ValidUntil"] > got["CreateDate"] + datetime.timedelta(days=99 * 365)
    assert [entry["IssuerURL"] for entry in got["SAMLKeyHashes"]] == ["https://idp.example.com/saml"]
    assert len(got["SAMLKeyHashes"][0]["KeyHashes"][0]) == 64
    assert admin_iam.list_saml_providers()["SAMLProviderList"] == [
        {"Arn": ARN, "ValidUntil": got["ValidUntil"], "CreateDate": got["CreateDate"], "IsTrustedIdentityPropagationEnabled": False}]
    with refused("EntityAlreadyExists", status=409):
        admin_iam.create_saml_provider(SAMLMetadataDocument=METADATA, Name="idp")
    admin_iam.delete_saml_provider(SAMLProviderArn=ARN)
    for call in (admin_iam.get_saml_provider, admin_iam.delete_saml_provider, admin_iam.update_saml_provider):
        with refused("NoSuchEntity", f"Manifest not found for arn {ARN}", status=404):
            call(SAMLProviderArn=ARN)


def test_metadata_must_be_readable(admin_iam):
    hostile = METADATA.replace("<EntityDescriptor", '<!DOCTYPE x [<!ENTITY a "b">]><EntityDescriptor', 1)
    for document in ("x" * 1000, hostile, METADATA[:-1], METADATA.replace("IDPSSODescriptor", "SPSSODescriptor")):
        with refused("InvalidInput", "Could not parse metadata.", status=400):
            admin_iam.create_saml_provider(SAMLMetadataDocument=document, Name="idp")
    with refused("ValidationError", status=400):
        admin_iam.create_saml_provider(SAMLMetadataDocument=METADATA, Name="a b")
    assert admin_iam.list_saml_providers()["SAMLProviderList"] == []


def test_metadata_has_the_room_of_a_request(admin_iam):
    room = METADATA.replace("<IDPSSODescriptor", f"<!--{'x' * 900_000}--><IDPSSODescriptor", 1)
    admin_iam.create_saml_provider(SAMLMetadataDocument=room, Name="large")
    assert admin_iam.get_saml_provider(SAMLProviderArn=ARN.replace("idp", "large"))["SAMLMetadataDocument"] == room
    with pytest.raises(botocore.exceptions.ClientError) as error:
        admin_iam.create_saml_provider(SAMLMetadataDocument=room.replace("<!--", f"<!--{'x' * 200_000}"), Name="too-large")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_private_keys_are_kept_and_not_shown(admin_iam, tmp_path):
    key, _ = private_key(tmp_path)
    admin_iam.create_saml_provider(SAMLMetadataDocument=METADATA, Name="idp", AddPrivateKey=key, AssertionEncryptionMode="Required")
    shown = admin_iam.get_saml_provider(SAMLProviderArn=ARN)
    assert shown["AssertionEncryptionMode"] == "Required"
    first = shown["PrivateKeyList"][0]["KeyId"]
    admin_iam.update_saml_provider(SAMLProviderArn=ARN, AddPrivateKey=key)
    with refused("LimitExceeded", status=409):
        admin_iam.update_saml_provider(SAMLProviderArn=ARN, AddPrivateKey=key)
    admin_iam.update_saml_provider(SAMLProviderArn=ARN, RemovePrivateKey=first)
    last = admin_iam.get_saml_provider(SAMLProviderArn=ARN)["PrivateKeyList"][0]["KeyId"]
    assert last != first
    with refused("InvalidInput", status=400):
        admin_iam.update_saml_provider(SAMLProviderArn=ARN, RemovePrivateKey=last)
    with refused("InvalidInput", status=400):
        admin_iam.update_saml_provider(SAMLProviderArn=ARN, RemovePrivateKey=last, AddPrivateKey=key)
    with refused("InvalidInput", status=400):
        admin_iam.update_saml_provider(SAMLProviderArn=ARN, AddPrivateKey="no key")


def test_tags_are_paged(admin_iam):
    admin_iam.create_saml_provider(SAMLMetadataDocument=METADATA, Name="idp")
    admin_iam.tag_saml_provider(SAMLProviderArn=ARN, Tags=[{"Key": key, "Value": "1"} for key in ("abc", "b", "a")])
    pages = list(admin_iam.get_paginator("list_saml_provider_tags").paginate(SAMLProviderArn=ARN, PaginationConfig={"PageSize": 1})) \
        if admin_iam.can_paginate("list_saml_provider_tags") else by_marker(admin_iam)
    assert [tag["Key"] for page in pages for tag in page["Tags"]] == ["a", "b", "abc"]
    assert len(pages) == 3
    admin_iam.untag_saml_provider(SAMLProviderArn=ARN, TagKeys=["a", "nothing"])
    assert [tag["Key"] for tag in admin_iam.list_saml_provider_tags(SAMLProviderArn=ARN)["Tags"]] == ["b", "abc"]


def by_marker(iam):
    pages, more = [], {}
    while not pages or pages[-1]["IsTruncated"]:
        pages.append(iam.list_saml_provider_tags(SAMLProviderArn=ARN, MaxItems=1, **more))
        more = {"Marker": pages[-1].get("Marker", "")}
    return pages


# Roles


def trust(*more_actions, **condition):
    statement = {"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": ["sts:AssumeRoleWithSAML", *more_actions]}
    return policy(statement | ({"Condition": condition} if condition else {}))


@pytest.fixture
def idp(tmp_path):
    return IdentityProvider(tmp_path)


@pytest.fixture
def saml(aws):
    """STS for nobody: the call is not signed."""
    return aws.sts(None)


def make_role(iam, idp, document=None, **provider):
    """(provider's ARN, role's ARN), trusting each other."""
    arn = iam.create_saml_provider(SAMLMetadataDocument=idp.metadata(), Name="idp", **provider)["SAMLProviderArn"]
    role = iam.create_role(RoleName="from-idp", Path="/team/", AssumeRolePolicyDocument=document or trust())["Role"]["Arn"]
    iam.put_role_policy(RoleName="from-idp", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers"), allow("s3:*")))
    return arn, role


def test_an_assertion_becomes_credentials(aws, admin_iam, saml, idp):
    provider, role = make_role(admin_iam, idp, trust(
        StringEquals={"saml:aud": RECIPIENT, "saml:iss": "https://idp.example.com/saml", "saml:sub": "alice", "saml:sub_type": "persistent",
                      "saml:doc": "123456789012/idp"}))
    [response] = idp.respond(("alice", role_attributes((role, provider))))

    answer = saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)

    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/from-idp/alice@example.com"
    assert (answer["Subject"], answer["SubjectType"], answer["Issuer"]) == ("alice", "persistent", "https://idp.example.com/saml")
    assert answer["Audience"] == RECIPIENT
    digest = hashlib.sha1(b"https://idp.example.com/saml123456789012/idp").digest()
    assert answer["NameQualifier"] == base64.b64encode(digest).decode()
    assert "PackedPolicySize" not in answer and "SourceIdentity" not in answer
    assert 3500 < (answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() <= 3600
    keys = bootstrap.Keys.of(answer["Credentials"])
    assert aws.sts(keys).get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert aws.iam(keys).list_users()["Users"]
    assert error_code(aws.iam(keys).list_roles) == "AccessDenied"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_assertions_of_pysaml2_become_credentials(aws, admin_iam, saml, tmp_path, sign):
    idp = PySaml2(tmp_path)
    provider, role = make_role(admin_iam, idp, trust(
        StringEquals={"saml:iss": "https://idp.example.com/saml", "saml:sub": "alice", "saml:sub_type": "persistent"}))
    good, other = idp.respond(("alice", role_attributes((role, provider))), ("bob", role_attributes((role, provider))), sign=sign)

    answer = saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=good)

    assert (answer["Subject"], answer["SubjectType"], answer["Audience"]) == ("alice", "persistent", RECIPIENT)
    assert aws.iam(bootstrap.Keys.of(answer["Credentials"])).list_users()["Users"]
    with refused("AccessDenied", status=403):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=other)
    changed = base64.b64encode(base64.b64decode(other).replace(b">bob<", b">alice<")).decode()
    with refused("InvalidIdentityToken", status=400):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=changed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cipher", [("http://www.w3.org/2009/xmlenc11#aes256-gcm", "aes-256"), ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "aes-128")],
                         ids=["gcm", "cbc"])
def test_encrypted_assertions_of_pysaml2(admin_iam, saml, tmp_path, cipher):
    """And its own triple DES, which is refused."""
    key, certificate = private_key(tmp_path)
    idp = PySaml2(tmp_path / "idp")
    provider, role = make_role(admin_iam, idp, AddPrivateKey=key, AssertionEncryptionMode="Required")
    own = f"{RECIPIENT}/acs/{admin_iam.get_saml_provider(SAMLProviderArn=provider)['SAMLProviderUUID']}"
    good, old = (idp.respond(("alice", role_attributes((role, provider))), encrypt_for=certificate, cipher=one, recipient=own)[0] for one in (cipher, None))
    assert cipher[0].encode() in base64.b64decode(good) and b"xmlenc#tripledes-cbc" in base64.b64decode(old)
    assert saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=good)["Subject"] == "alice"
    with refused("InvalidIdentityToken", status=400):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=old)


def test_what_the_identity_provider_rejects_is_refused(admin_iam, saml, idp):
    provider, role = make_role(admin_iam, idp)
    [response] = idp.respond(("alice", role_attributes((role, provider))))
    rejected = base64.b64encode(base64.b64decode(response).replace(b":status:Success", b":status:Responder")).decode()
    with refused("IDPRejectedClaim", "Responder", status=403):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=rejected)


def test_session_tags_fit_or_are_refused(admin_iam, saml, idp):
    provider, role = make_role(admin_iam, idp, trust("sts:TagSession"))
    letters = random.Random(9)
    tags = {f"PrincipalTag:{number}": ["".join(letters.choices(string.ascii_letters, k=250))] for number in range(50)}
    [response] = idp.respond(("alice", role_attributes((role, provider), **tags)))
    with refused("PackedPolicyTooLarge", status=400):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)


def test_the_session_tells_who_is_behind_it(aws, admin_iam, saml, idp):
    mapped = {"SubjectSourceKey": "mail", "SubjectTypeValue": "user", "KeyDefinitionList": [{"SourceKey": "urn:department", "TargetKey": "dept"}]}
    provider, role = make_role(admin_iam, idp, ContextProvider=mapped)
    assert admin_iam.get_saml_provider(SAMLProviderArn=provider)["ContextProvider"] == mapped
    admin_iam.put_role_policy(RoleName="from-idp", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers", StringEquals={
        "aws:OriginIdentity/Subject": "alice@example.com", "aws:TransactionContext/IdentityProvider/dept": "sales"})))
    people = [("alice", role_attributes((role, provider)) | {"mail": ["alice@example.com"], "urn:department": [department]})
              for department in ("sales", "other")]
    sales, other = (saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)
                    for response in idp.respond(*people))

    [entry] = admin_iam.get_saml_provider(SAMLProviderArn=provider)["SAMLKeyHashes"]
    assert sales["TrustedIdentityPropagationContext"] == {
        "OriginIdentity": {"Subject": "alice@example.com", "SubjectType": "user", "Issuer": entry["KeyHashes"][0],
                           "FederatedProviderArn": provider},
        "TransactionContext": {"IdentityProvider": {"dept": "sales"}}}
    assert aws.iam(bootstrap.Keys.of(sales["Credentials"])).list_users()["Users"]
    assert error_code(aws.iam(bootstrap.Keys.of(other["Credentials"])).list_users) == "AccessDenied"

    update = admin_iam.update_saml_provider
    with refused("InvalidInput", "in a request of its own", status=400):
        update(SAMLProviderArn=provider, RemoveContextProvider=True, SAMLMetadataDocument=idp.metadata())
    update(SAMLProviderArn=provider, IdentityCenterInstanceArn=INSTANCE)
    assert admin_iam.get_saml_provider(SAMLProviderArn=provider)["IdentityCenterInstanceArn"] == INSTANCE
    assert admin_iam.list_saml_providers()["SAMLProviderList"][0]["IsTrustedIdentityPropagationEnabled"] is True
    with refused("InvalidInput", "association", status=400):
        update(SAMLProviderArn=provider, RemoveContextProvider=True)
    update(SAMLProviderArn=provider, RemoveIdentityCenterInstance=True)
    update(SAMLProviderArn=provider, RemoveContextProvider=True)
    assert "ContextProvider" not in admin_iam.get_saml_provider(SAMLProviderArn=provider)


def test_the_trail_names_whom_the_identity_provider_vouches_for(tmp_path, idp):
    with recording_server(tmp_path) as (_, clients, trail):
        provider, role = make_role(clients.iam(bootstrap.ADMIN), idp, trust(StringEquals={"saml:sub": "alice"}))
        alice, bob = idp.respond(("alice", role_attributes((role, provider))), ("bob", role_attributes((role, provider), session="bob")))
        answer = clients.sts(None).assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=alice)
        with refused("AccessDenied", status=403) as error:
            clients.sts(None).assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=bob)
        good = trail.event("AssumeRoleWithSAML", answer["Credentials"]["AccessKeyId"])
        assert good["userIdentity"] == {"type": "SAMLUser", "principalId": f"{answer['NameQualifier']}:alice", "userName": "alice",
                                        "identityProvider": answer["NameQualifier"]}
        refusal = trail.event("AssumeRoleWithSAML", error.response["ResponseMetadata"]["RequestId"], strangers=True)
        assert refusal["userIdentity"]["userName"] == "bob" and refusal["errorCode"] == "AccessDenied"


@pytest.mark.parametrize("sign", ["assertion", "response"])
def test_either_signature_counts_and_its_absence_too(admin_iam, saml, idp, tmp_path, sign):
    provider, role = make_role(admin_iam, idp)
    good, other = idp.respond(("alice", role_attributes((role, provider))), ("alice", role_attributes((role, provider))), sign=sign)
    assert saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=good)["Subject"] == "alice"
    forged = base64.b64encode(base64.b64decode(other).replace(b">alice<", b">mallory<")).decode()
    with refused("InvalidIdentityToken", "Response signature invalid (Service: AWSOpenIdDiscoveryService", status=400):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=forged)
    stranger = IdentityProvider(tmp_path / "stranger")
    [foreign] = stranger.respond(("alice", role_attributes((role, provider))), sign=sign)
    with refused("InvalidIdentityToken", "Response signature invalid (Service: AWSOpenIdDiscoveryService", status=400):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=foreign)
    admin_iam.update_saml_provider(SAMLProviderArn=provider, SAMLMetadataDocument=stranger.metadata())
    assert saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=foreign)["Subject"] == "alice"


def test_encrypted_assertions(admin_iam, saml, idp, tmp_path):
    key, certificate = private_key(tmp_path)
    provider, role = make_role(admin_iam, idp, AddPrivateKey=key, AssertionEncryptionMode="Required")
    own = f"{RECIPIENT}/acs/{admin_iam.get_saml_provider(SAMLProviderArn=provider)['SAMLProviderUUID']}"
    person = ("alice", role_attributes((role, provider)))
    [good] = idp.respond(person, encrypt_for=certificate, recipient=own)
    assert saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=good)["Audience"] == own
    [clear] = idp.respond(person, recipient=own)
    [elsewhere] = idp.respond(person, encrypt_for=certificate)
    [unreadable] = idp.respond(person, encrypt_for=private_key(tmp_path / "idp")[1], recipient=own)
    for response in (clear, elsewhere, unreadable):
        with refused("InvalidIdentityToken", status=400):
            saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)


def test_tags_source_identity_and_duration(aws, admin_iam, saml, idp):
    provider, role = make_role(admin_iam, idp, trust("sts:TagSession", "sts:SetSourceIdentity"))
    admin_iam.put_role_policy(RoleName="from-idp", PolicyName="p", PolicyDocument=policy(
        allow("iam:ListUsers", StringEquals={"aws:PrincipalTag/team": "red", "aws:SourceIdentity": "alice", "saml:sub": "alice"}),
        allow("iam:ListRoles", StringEquals={"saml:aud": RECIPIENT})))
    [response] = idp.respond(("alice", role_attributes(
        (role, provider), **{"PrincipalTag:team": ["red"], "TransitiveTagKeys": ["team"], "SourceIdentity": ["alice"], "SessionDuration": ["900"]})))

    answer = saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)

    assert answer["SourceIdentity"] == "alice"
    assert answer["PackedPolicySize"] > 0
    assert (answer["Credentials"]["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() <= 900
    keys = bootstrap.Keys.of(answer["Credentials"])
    assert aws.iam(keys).list_users()["Users"]
    assert error_code(aws.iam(keys).list_roles) == "AccessDenied", "saml:aud does not outlive the sign-in"


def test_one_assertion_gets_each_role_once(admin_iam, saml, idp):
    provider, role = make_role(admin_iam, idp)
    other = admin_iam.create_role(RoleName="other", AssumeRolePolicyDocument=trust())["Role"]["Arn"]
    [response] = idp.respond(("alice", role_attributes((role, provider), (other, provider))))
    for arn in (role, other):
        saml.assume_role_with_saml(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response)
        with refused("InvalidIdentityToken", "The SAML assertion has been used for this role already.", status=400):
            saml.assume_role_with_saml(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response)


def test_assertions_get_old(admin_iam, saml, idp, clock):
    provider, role = make_role(admin_iam, idp)
    [response] = idp.respond(("alice", role_attributes((role, provider))))
    clock.shift(301)
    with refused("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance", status=400):
        saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=response)


def test_refusals_in_the_words_of_aws(admin_iam, saml, idp):
    provider, role = make_role(admin_iam, idp, trust(StringEquals={"saml:sub": "alice"}))
    alice, bob, nobody, nameless = idp.respond(
        ("alice", role_attributes((role, provider))), ("bob", role_attributes((role, provider))),
        ("alice", role_attributes((role, provider + "x"))), ("alice", role_attributes((role, provider), RoleSessionName=["a b"])))

    def says(code, message, status=400, **changes):
        asked = {"RoleArn": role, "PrincipalArn": provider, "SAMLAssertion": alice} | changes
        with refused(code, message, status=status):
            saml.assume_role_with_saml(**asked)

    says("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", 403, SAMLAssertion=bob)
    says("InvalidIdentityToken", "doesn't contain the requested Role and Metadata", SAMLAssertion=nobody)
    says("InvalidIdentityToken", "doesn't contain the requested Role and Metadata", RoleArn=role + "x")
    says("InvalidIdentityToken", "RoleSessionName in AuthnResponse must match", SAMLAssertion=nameless)
    says("InvalidIdentityToken", "Invalid base64 SAMLResponse (Service: AWSOpenIdDiscoveryService", SAMLAssertion="%%%%")
    says("InvalidIdentityToken", "Specified provider doesn't exist", PrincipalArn=provider + "x")
    says("ValidationError", "Request ARN is invalid", PrincipalArn="arn:aws:iam::123456789012:role/idp")
    says("ValidationError", "exceeds the MaxSessionDuration set for this role", DurationSeconds=7200)
    says("MalformedPolicyDocument", "", Policy="{")
    assert saml.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=alice)["Subject"] == "alice"


def test_the_command_line_does_it_unmodified(aws, admin_iam, idp, tmp_path):
    provider, role = make_role(admin_iam, idp)
    [response] = idp.respond(("alice", role_attributes((role, provider))))
    done = subprocess.run(["aws", "sts", "assume-role-with-saml", "--role-arn", role, "--principal-arn", provider,
                           "--saml-assertion", response, "--query", "Subject", "--output", "text"],
                          env=aws.environment(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "alice\n"), done.stderr


def test_the_guide(aws, idp, tmp_path):
    """Its commands, in its order."""
    blocks = re.findall(r"<!-- run by tests/conformance/test_saml.py -->\n```sh\n(.*?)```", (ROOT / "docs/guide/saml.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    (tmp_path / "metadata.xml").write_text(idp.metadata())
    [response] = idp.respond(("alice", role_attributes(("arn:aws:iam::123456789012:role/from-idp", ARN))))
    (tmp_path / "response.b64").write_text(response)
    done = subprocess.run(["bash", "-euc", "\n".join(blocks)], cwd=tmp_path, env=aws.environment(bootstrap.ADMIN), capture_output=True,
                          text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.split("\n}\n")[1] + "}")["Subject"] == "alice"  # behind the answer of create-role
