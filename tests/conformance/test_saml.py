"""SAML through boto3: providers, and roles for which samlify, as the identity provider, makes assertions."""
import base64
import datetime
import subprocess

import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, error_code, policy
from support.saml import METADATA, RECIPIENT, IdentityProvider, role_attributes

ARN = "arn:aws:iam::123456789012:saml-provider/idp"


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
        {"Arn": ARN, "ValidUntil": got["ValidUntil"], "CreateDate": got["CreateDate"]}]
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
