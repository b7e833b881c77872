"""SSH public keys through boto3, with keys that ssh-keygen makes."""
import subprocess

import pytest

from support.aws import refused
from support.people import error_code


@pytest.fixture
def make_key(tmp_path):
    """(text of the public key, its MD5 fingerprint, the same key as PEM)."""

    def run(*arguments):
        return subprocess.run(["ssh-keygen", *arguments], check=True, capture_output=True, text=True, timeout=60).stdout

    def make(kind="rsa", bits="2048", comment="ann@laptop"):
        path = tmp_path / f"key-{len(list(tmp_path.iterdir()))}"
        run("-q", "-t", kind, "-b", bits, "-N", "", "-C", comment, "-f", str(path))
        public = path.with_suffix(".pub")
        fingerprint = run("-E", "md5", "-lf", str(public)).split()[1].removeprefix("MD5:")
        pem = run("-e", "-m", "PKCS8", "-f", str(public)) if kind == "rsa" else ""
        return public.read_text(encoding="utf-8").strip(), fingerprint, pem

    return make


def test_ssh_key_life(admin_iam, make_key):
    admin_iam.create_user(UserName="ann")
    text, fingerprint, pem = make_key()

    made = admin_iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=text)["SSHPublicKey"]

    assert made["SSHPublicKeyId"].startswith("APKA") and len(made["SSHPublicKeyId"]) == 21
    assert (made["Fingerprint"], made["SSHPublicKeyBody"], made["Status"]) == (fingerprint, text, "Active")
    name = {"UserName": "ann", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    shown = {encoding: admin_iam.get_ssh_public_key(**name, Encoding=encoding)["SSHPublicKey"]["SSHPublicKeyBody"]
             for encoding in ("SSH", "PEM")}
    assert shown == {"SSH": " ".join(text.split()[:2]), "PEM": pem}
    with refused("DuplicateSSHPublicKey", status=400):
        admin_iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=pem)

    admin_iam.update_ssh_public_key(**name, Status="Inactive")
    listed = admin_iam.list_ssh_public_keys(UserName="ann")
    assert [(key["SSHPublicKeyId"], key["Status"]) for key in listed["SSHPublicKeys"]] == [(name["SSHPublicKeyId"], "Inactive")]
    with refused("DeleteConflict", "Cannot delete entity, must remove referenced objects first.", status=409):
        admin_iam.delete_user(UserName="ann")
    admin_iam.delete_ssh_public_key(**name)
    with refused("NoSuchEntity", f"The Public Key with id {name['SSHPublicKeyId']} cannot be found.", status=404):
        admin_iam.get_ssh_public_key(**name, Encoding="SSH")


def test_ssh_keys_are_paged_and_limited(admin_iam, make_key):
    admin_iam.create_user(UserName="ann")
    ids = {admin_iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=make_key()[0])["SSHPublicKey"]["SSHPublicKeyId"]
           for _ in range(5)}
    pages = list(admin_iam.get_paginator("list_ssh_public_keys").paginate(UserName="ann", PaginationConfig={"PageSize": 1}))
    assert [len(page["SSHPublicKeys"]) for page in pages] == [1] * 5
    assert {key["SSHPublicKeyId"] for page in pages for key in page["SSHPublicKeys"]} == ids
    with refused("LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5", status=409):
        admin_iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=make_key()[0])


@pytest.mark.parametrize("kind, bits", [("ed25519", "256"), ("ecdsa", "256"), ("rsa", "1024")])
def test_only_long_rsa_keys_are_taken(admin_iam, make_key, kind, bits):
    admin_iam.create_user(UserName="ann")
    body = make_key(kind, bits)[0]
    assert error_code(admin_iam.upload_ssh_public_key, UserName="ann", SSHPublicKeyBody=body) == "InvalidPublicKey"


def test_what_is_no_key_is_unrecognized(admin_iam):
    admin_iam.create_user(UserName="ann")
    with refused("UnrecognizedPublicKeyEncoding", "Invalid public key uploaded.", status=400):
        admin_iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody="no key")
