"""Tools that fetch, hand on and check identities, against one server that records."""
import base64
import json
import os
import re
import subprocess
import urllib.parse

import pytest

from known_clients import WORK, python_packages
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.browser import Browser
from support.people import error_code, policy, trust
from support.saml import RECIPIENT, PySaml2, role_attributes
from tool_runner import go_module, go_program

pytestmark = pytest.mark.skipif(os.environ.get("SIGNET_CLIENTS") == "quick", reason="not of the quick half")

NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


def session_of(world, keys, role):
    arn = world.aws.sts(keys).get_caller_identity()["Arn"]
    assert arn.startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/"), arn


def opens_console(world, said, role):
    """The link to AWS's console that the tool printed signs a browser in, whose pages act as the role."""
    link = urllib.parse.urlsplit(re.search(r"https://\S*signin\.aws\.amazon\.com/federation\?\S+", said)[0])
    browser = Browser(world.server, host=link.netloc)
    answer = browser.request("GET", f"{link.path}?{link.query}", headers={"Sec-Fetch-Site": "none"})
    assert answer.status == 302, answer.text
    browser.host = f"localhost:{world.server.port}"
    own_page = {"Origin": world.server.url.replace("127.0.0.1", "localhost"), "X-Signet-Console": "1"}
    answer = browser.request("POST", "/_console/api/credentials", headers=own_page)
    assert answer.status == 200, answer.text
    given = json.loads(answer.text)
    session_of(world, Keys(given["accessKeyId"], given["secretAccessKey"], given["sessionToken"]), role)


def test_awsume(tool):
    """Takes a session token with MFA first, then the role, as people with MFA do; a wrong code is refused."""
    tool.use(python_packages("awsume", "awsume==4.5.4"))
    tool.version(r"(\d+\.\d+\.\d+)", "awsumepy", "--version")
    world, serial = tool.world, tool.world.fresh_device()
    tool.profile("person", world.person)
    tool.profile("mfa", None, role_arn=world.role_mfa, source_profile="person", mfa_serial=serial)
    awsume = ["awsumepy", "--config-file", tool.folder / "aws_config_file", "--credentials-file", tool.folder / "aws_shared_credentials_file"]
    tool.refused(*awsume, "--mfa-token", "000000", "mfa", keys=None, says="MultiFactorAuthentication failed")
    said = tool.run(*awsume, "--mfa-token", world.code(), "mfa", keys=None)
    session_of(world, Keys(*re.search(r"^Awsume (\S+) (\S+) (\S+) ", said, re.MULTILINE).groups()), "mfa")


def test_aws_vault(tool):
    """Keeps the key in its encrypted file, takes a session with MFA and the role with it, and runs a program with that, is the AWS CLI's
    credential_process and makes a link that signs in to the console (AWS's hosts by `signet run --intercept`); a wrong code is refused."""
    program = go_module("github.com/99designs/aws-vault/v7", "v7.2.0")
    tool.record("version", "7.2.0")  # the program built from the module calls itself dev
    world, serial = tool.world, tool.world.fresh_device()
    tool.profile("person", None, mfa_serial=serial)
    tool.profile("mfa", None, role_arn=world.role_mfa, source_profile="person", mfa_serial=serial)
    store = {"AWS_VAULT_BACKEND": "file", "AWS_VAULT_FILE_DIR": str(tool.folder / "kept"), "AWS_VAULT_FILE_PASSPHRASE": "of the file"}
    tool.run(program, "add", "--env", "person", keys=world.person, **store)
    assert world.person.secret_key.encode() not in b"".join(one.read_bytes() for one in (tool.folder / "kept").iterdir())
    vault = tool.intercepted(program)
    tool.refused(*vault, "exec", "--mfa-token", "000000", "mfa", "--", "env", keys=None, says="MultiFactorAuthentication failed", **store)
    found = dict(line.split("=", 1) for line in
                 tool.run(*vault, "exec", "--mfa-token", world.code(), "mfa", "--", "env", keys=None, **store).splitlines() if "=" in line)
    session_of(world, Keys(*(found[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))), "mfa")
    # From here on the session with MFA is in its file, so that it asks for no code.
    tool.profile("of-vault", None, credential_process=f"{program} export --format json mfa")
    said = tool.run(*tool.intercepted("aws", "--profile", "of-vault", "sts", "get-caller-identity"), keys=None, **store)
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/mfa/" in said
    opens_console(world, tool.run(*vault, "login", "--stdout", "mfa", keys=None, **store), "mfa")


def test_aws_mfa(tool):
    """Writes the session of a role that wants MFA into the credentials file; a wrong code is refused."""
    tool.use(python_packages("aws-mfa", "aws-mfa==0.0.12"))
    tool.version(r"Version: (\S+)", "pip", "show", "aws-mfa")
    world, serial = tool.world, tool.world.fresh_device()
    (tool.folder / ".aws").mkdir()
    (tool.folder / ".aws" / "credentials").write_text(
        f"[me-long-term]\naws_access_key_id = {world.person.access_key}\naws_secret_access_key = {world.person.secret_key}\n"
        f"aws_mfa_device = {serial}\n")
    words = ["aws-mfa", "--profile", "me", "--force", "--duration", "900"]
    tool.refused(*words, told="000000\n", keys=None, says="MultiFactorAuthentication failed")
    tool.run(*words, "--assume-role", world.role_mfa, "--role-session-name", "of-aws-mfa", told=f"{world.code()}\n", keys=None)
    written = (tool.folder / ".aws" / "credentials").read_text().split("[me]")[1]
    keys = Keys(*(re.search(rf"^{name} = (\S+)", written, re.MULTILINE)[1]
                  for name in ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")))
    session_of(world, keys, "mfa")


def test_aws_export_credentials(tool):
    """Prints a role's credentials for other programs and runs one with them; a role that the profile may not assume is refused."""
    tool.use(python_packages("aws-export", "aws-export-credentials==0.18.0", "botocore<1.36", "boto3<1.36"))
    tool.version(r"(\d+\.\d+\.\d+)", "aws-export-credentials", "--version")
    world = tool.world
    tool.profile("person", world.person)
    tool.profile("plain", None, role_arn=world.role, source_profile="person")
    tool.profile("other", None, role_arn=world.role_web, source_profile="person")
    made = json.loads(tool.run("aws-export-credentials", "--profile", "plain", "--json", keys=None))
    assert made["Version"] == 1
    session_of(world, Keys.of(made), "plain")
    printed = tool.run("aws-export-credentials", "--profile", "plain", "--exec", "sh", "-c", "echo key $AWS_ACCESS_KEY_ID", keys=None)
    assert "key ASIA" in printed
    tool.refused("aws-export-credentials", "--profile", "other", keys=None, says="sts:AssumeRole")


def test_awscurl(tool):
    """Signs requests of STS, IAM and S3; a list of users is refused to who may not see it."""
    tool.use(python_packages("awscurl", "awscurl==0.44"))
    tool.version(r"Version: (\S+)", "pip", "show", "awscurl")
    url, curl = tool.world.aws.url, ["awscurl", "--region", "us-east-1", "--fail-with-body"]
    said = tool.run(*curl, "--service", "sts", f"{url}/?Action=GetCallerIdentity&Version=2011-06-15", keys=tool.world.reader)
    assert f"<Arn>arn:aws:iam::{ACCOUNT}:user/reader</Arn>" in said
    assert "<ListAllMyBucketsResult" in tool.run(*curl, "--service", "s3", f"{url}/", keys=tool.world.reader)
    users = [*curl, "--service", "iam", "-X", "POST", "-d", "Action=ListUsers&Version=2010-05-08", f"{url}/"]
    assert "<UserName>reader</UserName>" in tool.run(*users)
    tool.refused(*users, keys=tool.world.reader, says="not authorized to perform: iam:ListUsers")


def test_awslocal(tool):
    """LocalStack's wrapper of the AWS CLI, told the server's host: works, and passes a refusal on."""
    tool.use(python_packages("awslocal", "awscli-local==0.23.0", "awscli==1.46.3"))
    tool.version(r"Version: (\S+)", "pip", "show", "awscli-local")
    here = {"LOCALSTACK_HOST": tool.world.aws.url.removeprefix("http://"), "AWS_ENDPOINT_URL": ""}
    said = tool.run("awslocal", "iam", "get-user", "--user-name", "reader", "--query", "User.Arn", **here)
    assert f"arn:aws:iam::{ACCOUNT}:user/reader" in said
    tool.refused("awslocal", "iam", "list-users", keys=tool.world.reader, says="not authorized to perform: iam:ListUsers", **here)


def test_granted_assume(tool):
    """Its `assume` (the package of the command; what is built around it has a module that is not to be had) takes a role with MFA for
    the shell and makes a link that signs in to the console (AWS's hosts by `signet run --intercept`); a wrong code is refused."""
    program = go_program("assume", "go-granted")
    tool.record("version", "0.38.0")
    world, serial = tool.world, tool.world.fresh_device()
    (tool.folder / ".dgranted").mkdir()
    (tool.folder / ".dgranted" / "config").write_text('DefaultBrowser = "STDOUT"\n[Keyring]\nBackend = "file"\n')
    # Keys in the credentials file it finds there alone, not in that which AWS_SHARED_CREDENTIALS_FILE names.
    tool.profile("person", None, aws_access_key_id=world.person.access_key, aws_secret_access_key=world.person.secret_key)
    tool.profile("mfa", None, role_arn=world.role_mfa, source_profile="person", mfa_serial=serial)
    assume = [*tool.intercepted(program), "--no-cache", "--mfa-token"]
    quiet = {"GRANTED_ALIAS_CONFIGURED": "true", "FORCE_NO_ALIAS": "true"}
    tool.refused(*assume, "000000", "mfa", keys=None, says="MultiFactorAuthentication failed", **quiet)
    said = tool.run(*assume, world.code(), "mfa", keys=None, **quiet)
    session_of(world, Keys(*re.search(r"GrantedAssume (\S+) (\S+) (\S+) ", said).groups()), "mfa")
    opens_console(world, tool.run(*assume, world.code(), "--url", "mfa", keys=None, **quiet), "mfa")


def test_saml2aws(tool):
    """Takes a role with the SAML response that a program of the identity provider hands it, runs a program with it and makes a link that
    signs in to the console (AWS's hosts by `signet run --intercept`); a role of another provider's response is refused."""
    program = go_module("github.com/versent/saml2aws/v2", "v2.36.19", "cmd/saml2aws")
    tool.record("version", "2.36.19")
    (tool.folder / "stranger").mkdir()
    world, iam, provider, stranger = tool.world, tool.world.aws.iam(ADMIN), PySaml2(tool.folder), PySaml2(tool.folder / "stranger")
    arn = iam.create_saml_provider(Name="of-saml2aws", SAMLMetadataDocument=provider.metadata())["SAMLProviderArn"]
    role = iam.create_role(RoleName="of-saml2aws", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"Federated": arn}, "Action": "sts:AssumeRoleWithSAML",
         "Condition": {"StringEquals": {"SAML:aud": RECIPIENT}}}))["Role"]["Arn"]
    sign_in = tool.folder / "sign-in"
    (tool.folder / ".saml2aws").write_text(f"[default]\nprovider = Shell\nurl = {sign_in}\nmfa = Auto\naws_session_duration = 3600\n"
                                           "aws_profile = saml\n")
    saml2aws = tool.intercepted(program, "--skip-prompt", "--disable-keychain")
    for who in (stranger, provider):
        (response,) = who.respond(("alice", role_attributes((role, arn))))
        sign_in.write_text(f"#!/bin/sh\nprintf %s {response}\n")
        sign_in.chmod(0o700)
        if who is stranger:
            tool.refused(*saml2aws, "login", keys=None, says="InvalidIdentityToken")
    tool.run(*saml2aws, "login", keys=None)
    said = tool.run(*saml2aws, "exec", "--", "aws", "sts", "get-caller-identity", keys=None)
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/of-saml2aws/alice@example.com" in said
    opens_console(world, tool.run(*saml2aws, "console", "--link", keys=None), "of-saml2aws")


SHELL = """
import sys, pexpect
shell = pexpect.spawn("aws-shell", encoding="utf-8", timeout=280, dimensions=(40, 200))
shell.expect("aws> ")
for typed, answer in zip(sys.argv[1::2], sys.argv[2::2]):
    shell.send(typed + "\\r")
    shell.expect(answer)
    print(shell.match[0])
shell.send(".exit\\r")
shell.expect(pexpect.EOF)
"""


def test_aws_shell(tool):
    """At a terminal: lists users as one profile and is refused as another."""
    tool.use(python_packages("aws-shell", "aws-shell==0.2.2", "awscli==1.46.3", "pexpect==4.9.0"))
    tool.version(r"Version: (\S+)", "pip", "show", "aws-shell")
    index = WORK / "aws-shell-index"  # takes minutes to make
    index.mkdir(exist_ok=True)
    (tool.folder / ".aws").mkdir()
    (tool.folder / ".aws" / "shell").symlink_to(index)
    tool.profile("admin", ADMIN)
    tool.profile("reader", tool.world.reader)
    said = tool.run("python", "-c", SHELL, ".profile admin", "changed to: admin", "iam list-users --query Users[].Arn", "user/two-keys",
                    ".profile reader", "changed to: reader", "iam list-users", "user/reader is not authorized to perform: iam:ListUsers",
                    keys=None, TERM="xterm")
    assert "user/reader is not authorized" in said


def test_aws_iam_authenticator(tool):
    """Makes a token for a cluster and verifies it, both at AWS's own host (by `signet run --intercept`); a token for another cluster
    and one of a deleted key are refused."""
    program = go_module("sigs.k8s.io/aws-iam-authenticator", "v0.6.13", "cmd/aws-iam-authenticator")
    tool.record("version", "0.6.13")
    world, iam = tool.world, tool.world.aws.iam(ADMIN)
    iam.create_user(UserName="of-a-cluster")
    key = iam.create_access_key(UserName="of-a-cluster")["AccessKey"]
    keys = Keys.of_user(key)
    token = tool.run(program, "token", "--cluster-id", "mine", "--token-only", keys=keys).split()[-1]
    assert "X-Amz-Expires=0" in base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode()
    verify = tool.intercepted(program, "verify", "--token", token, "--cluster-id")
    said = tool.run(*verify, "mine", keys=None, codes=(0,))
    assert f"CanonicalARN:arn:aws:iam::{ACCOUNT}:user/of-a-cluster" in said and f"AccountID:{ACCOUNT}" in said
    tool.refused(*verify, "other", keys=None, says="SignatureDoesNotMatch")
    iam.delete_access_key(UserName="of-a-cluster", AccessKeyId=key["AccessKeyId"])
    tool.refused(*verify, "mine", keys=None, says="InvalidClientTokenId")
    assert world.server.is_running()


@pytest.fixture
def vault(tool):
    tool.record("version", "1.1.2")
    world = tool.world
    tool.program = go_program("vault-flows", "go-vault")
    tool.told = {"ENDPOINT": world.aws.url, "BOUND_ARN": f"arn:aws:iam::{ACCOUNT}:user/admin", "ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/for-vault",
                 "OTHER_ROLE_ARN": world.role_web, "OTHER_KEY": world.reader.access_key, "OTHER_SECRET": world.reader.secret_key}
    return tool


def test_vault_login(vault):
    """Vault's own code for its AWS auth method verifies a signed GetCallerIdentity and looks the user up; a wrong secret and another user
    are refused."""
    lines = vault.run(vault.program, "login", **vault.told).splitlines()
    assert f"arn:aws:iam::{ACCOUNT}:user/admin true" in lines
    assert any("SignatureDoesNotMatch" in line for line in lines)
    assert any(f'"arn:aws:iam::{ACCOUNT}:user/reader" does not belong to the role' in line for line in lines)


def test_vault_secrets(vault):
    """Vault's AWS secrets engine makes a user with a key and takes a role's session, and takes the user away again; a role that it
    may not assume is refused."""
    world = vault.world
    world.aws.iam(ADMIN).create_role(RoleName="for-vault", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:user/admin"))
    with subprocess.Popen([str(vault.program), "secrets"], env=vault.environment(ADMIN) | vault.told, stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        made = process.stdout.readline().split()
        assert made[0] == "user", process.communicate()
        keys = Keys(*made[1:3])
        arn = world.aws.sts(keys).get_caller_identity()["Arn"]
        assert re.fullmatch(rf"arn:aws:iam::{ACCOUNT}:user/vault-matrix-user-\d+-\d+", arn)
        said, errors = process.communicate("\n", timeout=60)
    assert process.returncode == 0, errors
    session_of(world, Keys(*re.search(r"^session (\S+) (\S+) (\S+)$", said, re.MULTILINE).groups()), "for-vault")
    assert "AccessDenied" in said and "sts:AssumeRole" in said
    assert error_code(world.aws.iam(ADMIN).get_user, UserName=arn.rpartition("/")[2]) == "NoSuchEntity"
