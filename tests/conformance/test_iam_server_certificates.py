"""Server certificates through boto3, made by the openssl command line."""
import email.utils

import pytest

from support import bootstrap
from support.aws import refused
from support.openssl import OpenSsl
from support.people import allow, create_user, deny, error_code
from support.trail import recording_server

CHAIN = ("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "
         "followed by any intermediaries in order. The index within the chain of the invalid certificate is: ")


@pytest.fixture
def openssl(tmp_path):
    return OpenSsl(tmp_path)


def upload(iam, certificate, name="web", **more):
    parts = {"CertificateBody": certificate.pem, "PrivateKey": certificate.key}
    return iam.upload_server_certificate(ServerCertificateName=name, **parts | more)


def test_server_certificate_life(admin_iam, openssl):
    root = openssl.certificate("root.example", ca=True)
    middle = openssl.certificate("middle.example", issuer=root, ca=True, kind="rsa")
    leaf = openssl.certificate("www.example.com", issuer=middle)

    made = upload(admin_iam, leaf, Path="/cloudfront/", CertificateChain=middle.pem + root.pem,
                  Tags=[{"Key": "team", "Value": "one"}])

    shown = made["ServerCertificateMetadata"]
    assert shown["ServerCertificateId"].startswith("ASCA") and len(shown["ServerCertificateId"]) == 21
    assert shown["Arn"] == "arn:aws:iam::123456789012:server-certificate/cloudfront/web"
    expires = email.utils.parsedate_to_datetime(_http_date(openssl.field(leaf, "-enddate")))
    assert shown["Expiration"] == expires
    assert made["Tags"] == [{"Key": "team", "Value": "one"}]

    got = admin_iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert got["ServerCertificateMetadata"] == shown
    assert (got["CertificateBody"], got["CertificateChain"]) == (leaf.pem.strip(), (middle.pem + root.pem).strip())
    assert "PrivateKey" not in got and leaf.key.splitlines()[1] not in str(got)

    admin_iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="site", NewPath="/a/")
    moved = admin_iam.get_server_certificate(ServerCertificateName="site")["ServerCertificate"]
    assert moved["ServerCertificateMetadata"]["Arn"] == "arn:aws:iam::123456789012:server-certificate/a/site"
    assert moved["ServerCertificateMetadata"]["ServerCertificateId"] == shown["ServerCertificateId"]
    assert moved["Tags"] == made["Tags"]
    with refused("NoSuchEntity", "The Server Certificate with name web cannot be found.", status=404):
        admin_iam.get_server_certificate(ServerCertificateName="web")
    admin_iam.delete_server_certificate(ServerCertificateName="site")
    with refused("NoSuchEntity", status=404):
        admin_iam.delete_server_certificate(ServerCertificateName="site")


def _http_date(enddate):
    """'notAfter=Dec 30 05:00:00 2026 GMT' as an HTTP date without its weekday."""
    month, day, time, year, _ = enddate.partition("=")[2].split()
    return f"{day} {month} {year} {time} GMT"


def test_certificate_key_and_chain_are_checked(admin_iam, openssl):
    root = openssl.certificate("root.example", ca=True)
    leaf = openssl.certificate(issuer=root)
    other = openssl.certificate("other.example", ca=True)
    expired = openssl.certificate(days=-1)
    with refused("MalformedCertificate", "Unable to parse certificate. Please ensure the certificate is in PEM format.", status=400):
        upload(admin_iam, leaf, CertificateBody="bad")
    with refused("MalformedCertificate", "Certificate is no longer valid. The 'Not After' date restriction on the certificate has "
                 "passed.", status=400):
        upload(admin_iam, expired)
    with refused("KeyPairMismatch", "The private key did not match the public key provided. Please verify the key material and "
                 "try again.", status=400):
        upload(admin_iam, leaf, PrivateKey=other.key)
    with refused("MalformedCertificate", status=400):
        upload(admin_iam, leaf, PrivateKey=openssl.encrypted(leaf))
    with refused("MalformedCertificate", f"{CHAIN}-1", status=400):
        upload(admin_iam, leaf, CertificateChain=other.pem)
    with refused("MalformedCertificate", f"{CHAIN}1", status=400):
        upload(admin_iam, leaf, CertificateChain=leaf.pem + root.pem)
    with refused("MalformedCertificate", status=400) as error:
        upload(admin_iam, leaf, CertificateChain="bad chain")
    assert "Message" not in error.response["Error"]
    assert admin_iam.list_server_certificates()["ServerCertificateMetadataList"] == []
    upload(admin_iam, leaf, CertificateChain=root.pem + root.pem)


def test_validity_is_that_of_the_servers_clock(admin_iam, shift_time, openssl):
    leaf = openssl.certificate(days=30)
    shift_time(31 * 86400)
    with refused("MalformedCertificate", status=400):
        upload(admin_iam, leaf)
    shift_time(-32 * 86400)
    with refused("MalformedCertificate", status=400):
        upload(admin_iam, leaf)


def test_names_conflict_whatever_their_case_and_are_limited(admin_iam, openssl):
    leaf = openssl.certificate()
    upload(admin_iam, leaf, "web-0")
    with refused("EntityAlreadyExists", "The Server Certificate with name WEB-0 already exists.", status=409):
        upload(admin_iam, leaf, "WEB-0")
    for number in range(1, 20):
        upload(admin_iam, leaf, f"web-{number}", Path="/odd/" if number % 2 else "/")
    with refused("LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 20", status=409):
        upload(admin_iam, leaf, "one-too-many")
    with refused("EntityAlreadyExists", "The Server Certificate with name web-1 already exists.", status=409):
        admin_iam.update_server_certificate(ServerCertificateName="web-0", NewServerCertificateName="web-1")

    pages = list(admin_iam.get_paginator("list_server_certificates").paginate(PaginationConfig={"PageSize": 1}))
    names = [entry["ServerCertificateName"] for page in pages for entry in page["ServerCertificateMetadataList"]]
    assert sorted(names) == sorted(f"web-{number}" for number in range(20)) and len(pages) == 20
    odd = admin_iam.list_server_certificates(PathPrefix="/odd/")["ServerCertificateMetadataList"]
    assert {entry["ServerCertificateName"] for entry in odd} == {f"web-{number}" for number in range(1, 20, 2)}
    summary = admin_iam.get_account_summary()["SummaryMap"]
    assert (summary["ServerCertificates"], summary["ServerCertificatesQuota"]) == (20, 20)


def test_tags_of_certificates_are_paged(admin_iam, openssl):
    upload(admin_iam, openssl.certificate())
    name = {"ServerCertificateName": "web"}
    admin_iam.tag_server_certificate(**name, Tags=[{"Key": key, "Value": "v"} for key in ("b", "a", "A", "long")])
    admin_iam.untag_server_certificate(**name, TagKeys=["b", "none"])
    pages = list(admin_iam.get_paginator("list_server_certificate_tags").paginate(**name, PaginationConfig={"PageSize": 1}))
    assert [tag["Key"] for page in pages for tag in page["Tags"]] == ["A", "a", "long"] and len(pages) == 3
    with refused("InvalidInput", "Duplicate tag keys found.", status=400):
        admin_iam.tag_server_certificate(**name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    with refused("LimitExceeded", status=409):
        admin_iam.tag_server_certificate(**name, Tags=[{"Key": f"k{number}", "Value": "v"} for number in range(48)])
    for call in (admin_iam.tag_server_certificate, admin_iam.untag_server_certificate, admin_iam.list_server_certificate_tags):
        more = {"tag_server_certificate": {"Tags": [{"Key": "a", "Value": "b"}]},
                "untag_server_certificate": {"TagKeys": ["a"]}}.get(call.__name__, {})
        assert error_code(call, ServerCertificateName="none", **more) == "NoSuchEntity"


def test_tags_decide_who_may_touch_a_certificate(aws, admin_iam, openssl):
    leaf = openssl.certificate()
    tagged = allow("iam:GetServerCertificate", StringEquals={"aws:ResourceTag/team": "one"})
    asked = deny("iam:TagServerCertificate", StringNotEquals={"aws:RequestTag/team": "one"})
    _, keys = create_user(admin_iam, "ann", tagged, allow(["iam:UploadServerCertificate", "iam:TagServerCertificate"]), asked)
    iam = aws.iam(keys)
    with refused("AccessDenied", status=403):
        upload(iam, leaf, "two", Tags=[{"Key": "team", "Value": "two"}])
    upload(iam, leaf, "one", Tags=[{"Key": "team", "Value": "one"}])
    upload(iam, leaf, "none")
    assert iam.get_server_certificate(ServerCertificateName="one")["ServerCertificate"]["Tags"]
    with refused("AccessDenied", f"User: arn:aws:iam::{bootstrap.ACCOUNT}:user/ann is not authorized to perform: "
                 "iam:GetServerCertificate on resource: server certificate none because no identity-based policy allows the "
                 "iam:GetServerCertificate action", status=403):
        iam.get_server_certificate(ServerCertificateName="none")


def test_the_private_key_is_in_no_record(tmp_path, openssl):
    leaf = openssl.certificate()
    with recording_server(tmp_path) as (_, aws, trail):
        upload(aws.iam(bootstrap.ADMIN), leaf)
        record = trail.event("UploadServerCertificate", "web")
        assert record["requestParameters"]["certificateBody"] == leaf.pem
        assert record["responseElements"]["serverCertificateMetadata"]["serverCertificateName"] == "web"
        assert "privateKey" not in record["requestParameters"]
        assert leaf.key.splitlines()[1] not in trail.text()
