"""Signing certificates through boto3, made by the openssl command line."""
import base64

import pytest

from support import bootstrap
from support.aws import refused
from support.openssl import OpenSsl
from support.people import allow, create_user, error_code


@pytest.fixture
def openssl(tmp_path):
    return OpenSsl(tmp_path)


def test_signing_certificate_life(admin_iam, openssl):
    admin_iam.create_user(UserName="ann")
    certificate = openssl.certificate(kind="rsa")

    made = admin_iam.upload_signing_certificate(UserName="ann", CertificateBody=certificate.pem)["Certificate"]

    fingerprint = openssl.field(certificate, "-fingerprint", "-sha1").partition("=")[2].replace(":", "")
    assert made["CertificateId"] == base64.b32encode(bytes.fromhex(fingerprint)).decode()
    assert (made["UserName"], made["CertificateBody"], made["Status"]) == ("ann", certificate.pem, "Active")
    name = {"UserName": "ann", "CertificateId": made["CertificateId"]}

    admin_iam.update_signing_certificate(**name, Status="Inactive")
    again = admin_iam.upload_signing_certificate(UserName="ann", CertificateBody=certificate.pem)["Certificate"]
    assert (again["CertificateId"], again["UploadDate"], again["Status"]) == (made["CertificateId"], made["UploadDate"], "Active")
    listed = admin_iam.list_signing_certificates(UserName="ann")
    assert [entry["Status"] for entry in listed["Certificates"]] == ["Inactive"] and not listed["IsTruncated"]
    with refused("InvalidInput", "Operation does not support status Expired", status=400):
        admin_iam.update_signing_certificate(**name, Status="Expired")
    with refused("DeleteConflict", "Cannot delete entity, must delete certificates first.", status=409):
        admin_iam.delete_user(UserName="ann")
    admin_iam.delete_signing_certificate(**name)
    with refused("NoSuchEntity", f"The Certificate with id {made['CertificateId']} cannot be found.", status=404):
        admin_iam.delete_signing_certificate(**name)
    admin_iam.delete_user(UserName="ann")


def test_what_cannot_be_read_or_is_not_valid_is_malformed(admin_iam, shift_time, openssl):
    admin_iam.create_user(UserName="ann")
    with refused("MalformedCertificate", "Certificate not a certificate is malformed.", status=400):
        admin_iam.upload_signing_certificate(UserName="ann", CertificateBody="not a certificate")
    expired = openssl.certificate(days=-1)
    with refused("MalformedCertificate", "Certificate -----BEGIN CERTIFICATE-----", status=400):
        admin_iam.upload_signing_certificate(UserName="ann", CertificateBody=expired.pem)
    certificate = openssl.certificate(days=30)
    shift_time(31 * 86400)
    assert error_code(admin_iam.upload_signing_certificate, UserName="ann",
                      CertificateBody=certificate.pem) == "MalformedCertificate"
    assert admin_iam.list_signing_certificates(UserName="ann")["Certificates"] == []


def test_certificates_are_limited_paged_and_one_users(admin_iam, openssl):
    for name in ("ann", "bob"):
        admin_iam.create_user(UserName=name)
    certificates = [openssl.certificate(f"{number}.example") for number in range(3)]
    ids = {admin_iam.upload_signing_certificate(UserName="ann", CertificateBody=one.pem)["Certificate"]["CertificateId"]
           for one in certificates[:2]}
    with refused("LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2", status=409):
        admin_iam.upload_signing_certificate(UserName="ann", CertificateBody=certificates[2].pem)
    with refused("DuplicateCertificate", "Duplicate certificate uploaded.", status=409):
        admin_iam.upload_signing_certificate(UserName="bob", CertificateBody=certificates[0].pem)
    for identifier in ids:
        with refused("NoSuchEntity", f"The Certificate with id {identifier} cannot be found.", status=404):
            admin_iam.update_signing_certificate(UserName="bob", CertificateId=identifier, Status="Inactive")
    pages = list(admin_iam.get_paginator("list_signing_certificates").paginate(UserName="ann", PaginationConfig={"PageSize": 1}))
    assert [len(page["Certificates"]) for page in pages] == [1, 1]
    assert {entry["CertificateId"] for page in pages for entry in page["Certificates"]} == ids
    with refused("NoSuchEntity", "The user with name gone cannot be found.", status=404):
        admin_iam.upload_signing_certificate(UserName="gone", CertificateBody=certificates[2].pem)


def test_nobody_named_means_the_caller(aws, admin_iam, openssl):
    user, keys = create_user(admin_iam, "ann", allow("iam:*SigningCertificate*", f"arn:aws:iam::{bootstrap.ACCOUNT}:user/ann"))
    own = openssl.certificate()
    iam = aws.iam(keys)
    made = iam.upload_signing_certificate(CertificateBody=own.pem)["Certificate"]
    assert made["UserName"] == user["UserName"]
    assert [entry["CertificateId"] for entry in iam.list_signing_certificates()["Certificates"]] == [made["CertificateId"]]
    with refused("AccessDenied", status=403):
        iam.upload_signing_certificate(UserName="admin", CertificateBody=own.pem)

    root = aws.iam(bootstrap.ROOT)
    with refused("DuplicateCertificate", status=409):
        root.upload_signing_certificate(CertificateBody=own.pem)
    root.upload_signing_certificate(CertificateBody=openssl.certificate().pem)
    summary = admin_iam.get_account_summary()["SummaryMap"]
    assert (summary["AccountSigningCertificatesPresent"], summary["SigningCertificatesPerUserQuota"]) == (1, 2)
