"""The `signet` command: exit codes, what is printed, and where credentials go."""
import json
import os
import pathlib
import stat
import subprocess
import sys

import pytest

from support import bootstrap
from support.certificates import Certificate
from support.server import BINARY, Server
from support.wire import Wire

OK, FINDINGS, USAGE, FAILURE = 0, 1, 2, 3

GOOD = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


@pytest.fixture
def signet(tmp_path):
    """Runs `signet ARGUMENTS` in a folder that is its home too."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def run(*arguments, stdin="", **more):
        return subprocess.run([str(BINARY), *map(str, arguments)], env=environment | more, cwd=tmp_path, input=stdin,
                              capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.mark.parametrize("arguments", [
    (), ("nothing",), ("serve", "--nothing"), ("serve", "--listen"), ("serve", "--listen", "9311"),
    ("serve", "--listen", "127.0.0.1:"), ("serve", "--listen", "127.0.0.1:x"), ("serve", "--listen", "127.0.0.1:65536"),
    ("serve", "--listen", "127.0.0.1:-1"), ("serve", "--threads", "0"), ("serve", "--bootstrap", "/nowhere.json"),
    ("policy",), ("policy", "check", "--profile", "nothing", "-"), ("policy", "import", "/nowhere"), ("sigv4",),
    ("policy", "explain"), ("policy", "eval"), ("policy", "check", "--fail-on", "nothing", "-"), ("org",), ("org", "show"),
    ("org", "set", "--account", "123456789012", "--management", "--member"),
])
def test_wrong_usage_exits_2_and_says_why(signet, arguments):
    done = signet(*arguments)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr


def test_a_wrong_environment_is_wrong_usage_too(signet):
    done = signet("serve", SIGNET_LISTEN="no port")
    assert done.returncode == USAGE
    assert "ADDRESS:PORT" in done.stderr


@pytest.mark.parametrize("arguments", [
    ("--help",), ("serve", "--help"), ("init", "--help"), ("env", "--help"), ("status", "--help"), ("run", "--help"), ("account", "create", "--help"),
    ("policy", "check", "--help"), ("policy", "import", "--help"), ("sigv4", "explain", "--help"), ("version",), ("--version",),
    ("policy", "explain", "--help"), ("policy", "eval", "--help"), ("org", "show", "--help"), ("org", "set", "--help"),
    ("org", "set-scp", "--help"), ("org", "set-rcp", "--help"), ("org", "clear", "--help"), ("keys", "rotate-issuer", "--help"),
])
def test_help_and_version_exit_0(signet, arguments):
    done = signet(*arguments)
    assert (done.returncode, done.stderr) == (OK, "")
    assert done.stdout


def test_init_makes_a_folder_once_and_shows_credentials_once(signet, tmp_path):
    data = tmp_path / "data"
    first = signet("init", "--data", data)
    assert first.returncode == OK
    assert "AKIA" in first.stdout
    assert stat.S_IMODE((data / "master.key").stat().st_mode) == 0o600
    kept = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    secrets = [word.split("=", 1)[-1] for word in first.stdout.split() if len(word.split("=", 1)[-1]) == 40]
    assert secrets
    assert not any(secret.encode() in kept for secret in secrets)

    again = signet("init", "--data", data)
    assert "AKIA" not in again.stdout


@pytest.mark.parametrize("name", ["data", "./data", "deep/er/data"])
def test_the_data_folder_may_be_named_from_where_one_stands(signet, tmp_path, name):
    assert signet("init", "--data", name).returncode == OK
    assert (tmp_path / name / "signet.db").exists()


def test_a_flag_wins_over_its_variable(signet, tmp_path):
    done = signet("init", "--data", "flag", SIGNET_DATA=str(tmp_path / "variable"))
    assert done.returncode == OK
    assert (tmp_path / "flag" / "signet.db").exists() and not (tmp_path / "variable").exists()
    assert signet("account", "list", SIGNET_DATA=str(tmp_path / "flag")).returncode == OK


def test_save_credentials_writes_a_file_for_the_owner_only(signet, tmp_path):
    file = tmp_path / "credentials"
    done = signet("init", "--data", tmp_path / "data", "--save-credentials", file)
    assert done.returncode == OK
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    exports = signet("env", "--endpoint", "http://127.0.0.1:1", "--credentials", file)
    assert exports.returncode == OK
    assert "AWS_ENDPOINT_URL" in exports.stdout
    assert "AWS_ACCESS_KEY_ID" in exports.stdout


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_env_points_a_shell_at_the_server(signet, tmp_path, shell):
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = AK\naws_secret_access_key = it's $HOME `a` \"secret\"\n")
    exports = signet("env", "--endpoint", "https://signet.example:9311", "--credentials", file).stdout

    done = subprocess.run([shell, "-eu", "-c", 'eval "$1"; env | grep ^AWS_', shell, exports], capture_output=True, text=True,
                          timeout=60, check=False, env={"PATH": os.environ["PATH"]})

    assert done.returncode == 0, done.stderr
    endpoint = "https://signet.example:9311"
    assert set(done.stdout.splitlines()) == {
        f"AWS_ENDPOINT_URL={endpoint}", f"AWS_ENDPOINT_URL_STS={endpoint}", f"AWS_ENDPOINT_URL_IAM={endpoint}",
        f"AWS_ENDPOINT_URL_S3={endpoint}", f"AWS_ENDPOINT_URL_SIGNIN={endpoint}", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AK",
        "AWS_SECRET_ACCESS_KEY=it's $HOME `a` \"secret\""}
    assert "#" not in exports, "zsh refuses comments in what it evals"
    assert "2.13" in exports, "the note on clients that ignore the endpoint"


def test_the_start_prints_the_same_exports(tmp_path):
    server = Server(["--dev", "--listen", "127.0.0.1:0"], tmp_path).start()
    assert server.stop() == 0
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_S3",
                 "AWS_ENDPOINT_URL_SIGNIN"):
        assert f"export {name}='{server.url}'" in server.said
    assert "AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1" in server.said
    assert "2.13" in server.said


def test_save_credentials_where_nothing_can_be_written_fails(signet, tmp_path):
    done = signet("init", "--data", tmp_path / "data", "--save-credentials", tmp_path / "none" / "file")
    assert done.returncode == FAILURE
    assert "none/file" in done.stderr
    assert "AKIA" in done.stdout, "the account is made: its key would be lost"


def test_a_server_that_saves_credentials_starts_again(tmp_path):
    file = tmp_path / "credentials"
    server = Server(["--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--quiet", "--save-credentials", file], tmp_path)
    assert server.start().stop() == 0
    first = file.read_text()
    assert "AKIA" in first
    assert server.start().stop() == 0
    assert file.read_text() == first


def test_a_first_start_that_cannot_save_its_credentials_prints_them(signet, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("something of mine")
    done = signet("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--quiet", "--save-credentials", taken)
    assert done.returncode == FAILURE
    assert "taken" in done.stderr and "AKIA" in done.stdout
    assert taken.read_text() == "something of mine"


def test_a_trial_without_a_temporary_folder_says_so(signet, tmp_path):
    done = signet("serve", "--dev", "--listen", "127.0.0.1:0", TMPDIR=str(tmp_path / "none"))
    assert done.returncode == FAILURE
    assert "TMPDIR" in done.stderr


def test_a_wrong_master_key_stops_the_start(signet, tmp_path):
    data = tmp_path / "data"
    assert signet("init", "--data", data).returncode == OK
    done = signet("account", "create", "--data", data, SIGNET_MASTER_KEY="ab" * 32)
    assert done.returncode == FAILURE
    assert "AKIA" not in done.stdout


def test_account_create_adds_an_account(signet, tmp_path):
    data = tmp_path / "data"
    assert signet("init", "--data", data).returncode == OK
    made = signet("account", "create", "--data", data, "--id", "123456789012")
    assert made.returncode == OK, made.stderr
    assert "AKIA" in made.stdout
    twice = signet("account", "create", "--data", data, "--id", "123456789012")
    assert twice.returncode == FAILURE
    assert "AKIA" not in twice.stdout


def test_status_tells_whether_a_server_answers(signet, server):
    assert signet("status", "--endpoint", server.url).returncode == OK
    assert signet("status", "--endpoint", "http://127.0.0.1:1").returncode == FAILURE


def test_status_asks_over_tls_and_trusts_nobody_blindly(signet, tmp_path):
    certificate = Certificate(tmp_path / "tls", "ec")
    server = Server(["--dev", "--listen", "127.0.0.1:0", *certificate.flags], tmp_path / "server").start()
    try:
        asked = signet("status", "--endpoint", server.url, "--ca", certificate.chain)
        assert (asked.returncode, asked.stderr) == (OK, "")
        assert "healthy" in asked.stdout
        named = signet("status", "--endpoint", server.url, "--ca", certificate.chain, "--tls-name", "localhost")
        assert named.returncode == OK
        for flags in ([], ["--ca", certificate.chain, "--tls-name", "signet.example"]):
            refused = signet("status", "--endpoint", server.url, *flags)
            assert (refused.returncode, refused.stdout) == (FAILURE, "")
            assert "its certificate is not accepted" in refused.stderr
    finally:
        server.stop()


def fake_tool(folder, name, version):
    """A program that prints a version and writes down how it is called."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f'#!/bin/sh\necho "$@" >> "{folder}/calls"\ncase "$1" in --version) echo "{version}" ;; *) echo "arn:aws:iam::1:user/x" ;; esac\n')
    file.chmod(0o755)


def test_env_check_tries_the_tools_of_the_path(signet, server, tmp_path):
    venv = pathlib.Path(sys.executable).parent
    credentials = tmp_path / "credentials"
    credentials.write_text(f"[default]\naws_access_key_id = {bootstrap.ADMIN.access_key}\n"
                           f"aws_secret_access_key = {bootstrap.ADMIN.secret_key}\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("aws", "python3"):
        (tools / name).symlink_to(venv / name)
    done = signet("env", "--check", "--endpoint", server.url, "--credentials", credentials, PATH=f"{tools}:/nowhere")
    assert "export AWS_ENDPOINT_URL=" in done.stdout and "works" not in done.stdout
    for tool in ("aws", "boto3 of python3"):
        assert any(line.startswith(tool) and "works: arn:aws:iam::123456789012:user/admin" in line for line in done.stderr.splitlines()), done.stderr
    assert "@aws-sdk of node" in done.stderr and "not found" in done.stderr
    assert done.returncode == OK


@pytest.mark.parametrize("version, fate", [
    ("aws-cli/2.9.19 Python/3.11", "too old"), ("aws-cli/1.27.1 Python/3", "too old"), ("aws-cli/2.13.0 Python/3", "works"),
    ("aws-cli/1.29.0 Python/3", "works")])
def test_env_check_never_tries_a_tool_that_would_go_to_amazon(signet, server, tmp_path, version, fate):
    fake_tool(tmp_path / "tools", "aws", version)
    done = signet("env", "--check", "--endpoint", server.url, PATH=f"{tmp_path / 'tools'}:/usr/bin:/bin", AWS_SECRET_ACCESS_KEY="x")
    line = next(line for line in done.stderr.splitlines() if line.startswith("aws "))
    assert fate in line
    assert ("sts" in (tmp_path / "tools" / "calls").read_text()) is (fate == "works")
    if fate == "too old":
        assert done.returncode == FINDINGS and "--endpoint-url" in line


def test_env_check_says_that_nobody_answers(signet, tmp_path):
    done = signet("env", "--check", "--endpoint", "http://127.0.0.1:1", PATH=str(tmp_path))
    assert done.returncode == FINDINGS
    assert "does not answer at http://127.0.0.1:1" in done.stderr


def test_the_log_is_for_programs_unless_it_is_told_or_on_a_terminal(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    for flags, is_json in (([], True), (["--log", "text"], False)):
        folder = tmp_path / str(is_json)
        server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *flags], folder).start()
        wire = Wire(server)
        assert wire.query("sts", "GetCallerIdentity", {}, bootstrap.ADMIN, tamper=True).code == "SignatureDoesNotMatch"
        wire.close()
        server.stop()
        line = next(line for line in (folder / "server.log").read_text().splitlines() if "signature_refused" in line)
        assert line.startswith('{"time":') is is_json
        assert is_json or " warning signature_refused request_id=" in line


def test_a_trial_prints_the_keys_of_its_bootstrap_file(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    trial = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file], tmp_path / "trial").start()
    trial.stop()
    assert f"AWS_ACCESS_KEY_ID={bootstrap.ADMIN.access_key}" in trial.said
    assert bootstrap.ADMIN.secret_key in trial.said
    kept = Server(["--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--bootstrap", file], tmp_path / "kept").start()
    kept.stop()
    assert f"AWS_ACCESS_KEY_ID={bootstrap.ADMIN.access_key}" in kept.said
    assert bootstrap.ADMIN.secret_key not in kept.said


def test_policy_check_finds_and_does_not_find(signet, tmp_path):
    assert signet("policy", "check", "-", stdin=GOOD).returncode == OK
    assert signet("policy", "check", "-", stdin=GOOD.replace("Allow", "allow")).returncode == FINDINGS
    assert signet("policy", "check", "-", stdin="{").returncode == FINDINGS
    assert signet("policy", "check", "--profile", "trust", "-", stdin=GOOD).returncode == FINDINGS
    assert signet("policy", "check", tmp_path / "none.json").returncode == FAILURE


def test_policy_check_is_never_silent(signet, tmp_path):
    clean = signet("policy", "check", "-", stdin=GOOD)
    assert "as identity policy: no findings" in clean.stdout
    typo = signet("policy", "check", "-", stdin=GOOD.replace("s3:GetObject", "s3:GetObjct"))
    assert typo.returncode == FINDINGS
    assert "did you mean" in typo.stdout
    assert "[InvalidAction, INVALID_ACTION]" in typo.stdout


def test_policy_check_leaves_out_what_it_is_told_to(signet):
    wide = GOOD.replace("s3:GetObject", "iam:PassRole")
    for name in ("PASS_ROLE_WITH_STAR_IN_RESOURCE", "PassRoleWithStar"):
        assert signet("policy", "check", "-", stdin=wide).returncode == FINDINGS
        assert signet("policy", "check", "--ignore", name, "-", stdin=wide).returncode == OK
    unknown = signet("policy", "check", "--ignore", "NoSuchFinding", "-", stdin=wide)
    assert unknown.returncode == USAGE
    assert "no finding is called NoSuchFinding" in unknown.stderr


def test_policy_check_notes_accounts_that_do_not_exist_here(signet):
    trust = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}})
    done = signet("policy", "check", "--profile", "trust", "--known-account", "111122223333", "-", stdin=trust)
    assert done.returncode == OK
    assert "account 444455556666 is not known here" in done.stdout
    assert signet("policy", "check", "--known-account", "7", "-", stdin=trust).returncode == USAGE


def test_policy_check_asks_a_data_folder_which_accounts_exist(signet, tmp_path):
    data, file = tmp_path / "data", tmp_path / "trust.json"
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        for account in ("123456789012", "444455556666", "777788889999")]}))
    assert signet("init", "--data", data).returncode == OK
    assert signet("account", "create", "--data", data, "--id", "123456789012").returncode == OK

    def unknown():
        done = signet("policy", "check", "--profile", "trust", "--known-account", "777788889999", "--data", data, file)
        assert done.returncode == OK, done.stderr
        return [words.split()[0] for words in done.stdout.split("account ")[1:]]

    assert unknown() == ["444455556666"]
    server = Server(["--data", data, "--listen", "127.0.0.1:0"], tmp_path).start()
    try:
        assert unknown() == ["444455556666"]
    finally:
        server.stop()
    assert "ListAccounts" in (data / "audit.jsonl").read_text()


def test_policy_check_needs_a_data_folder_where_it_is_told_to_ask_one(signet, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    done = signet("policy", "check", "--data", empty, "-", stdin=GOOD)
    assert done.returncode == FAILURE
    assert f"there is no data folder at {empty}" in done.stderr
    assert list(empty.iterdir()) == []
    assert signet("policy", "check", "--data", tmp_path / "none", "-", stdin=GOOD).returncode == USAGE


def test_policy_import_refuses_a_bad_file(signet, tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "mine.json").write_text(json.dumps({"name": "Mine", "document": json.loads(GOOD)}))
    assert signet("init", "--data", tmp_path / "data").returncode == OK
    assert signet("policy", "import", "--data", tmp_path / "data", folder).returncode == OK
    (folder / "bad.json").write_text("{}")
    done = signet("policy", "import", "--data", tmp_path / "data", folder)
    assert done.returncode == FAILURE
    assert "bad.json" in done.stderr


def test_sigv4_batch_answers_every_line(signet):
    line = {"id": "a", "placement": "header", "method": "GET", "target": "/", "headers": [["Host", "example.amazonaws.com"]],
            "body": "", "access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "region": "us-east-1", "service": "service", "timestamp": "2015-08-30T12:36:00Z"}
    done = signet("sigv4", "explain", "--batch", stdin=json.dumps(line) + "\nnot JSON\n" + json.dumps(line | {"id": "b"}) + "\n")

    assert done.returncode == FINDINGS
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    assert len(answers) == 3
    # "get-vanilla" of the public SigV4 suite.
    assert answers[0]["signature"] == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    assert answers[2]["id"] == "b"
    assert "signature" not in answers[1]


def test_a_port_in_use_names_the_flag_that_chooses_another(signet, tmp_path):
    running = Server(["--dev", "--quiet", "--listen", "127.0.0.1:0"], tmp_path).start()
    try:
        done = signet("serve", "--dev", "--listen", f"127.0.0.1:{running.port}")
    finally:
        running.stop()
    assert done.returncode == FAILURE
    assert f"cannot listen on 127.0.0.1 port {running.port}: Address already in use; --listen" in done.stderr


TELL = "import json, os; print(json.dumps(dict(os.environ)))"


def test_run_gives_a_program_a_server_of_its_own(signet):
    program = ("import boto3, os; print(boto3.client('sts').get_caller_identity()['Arn']);"
               "print(os.environ['AWS_ENDPOINT_URL'], os.environ['AWS_ENDPOINT_URL_S3'], os.environ['AWS_REGION'])")
    done = signet("run", "--fresh", "--", sys.executable, "-c", program, AWS_EC2_METADATA_DISABLED="true")
    assert done.returncode == OK, done.stderr
    arn, variables = done.stdout.splitlines()
    assert arn.endswith(":user/admin")
    endpoint, for_s3, region = variables.split()
    assert endpoint == for_s3 and region == "us-east-1"
    assert signet("status", "--endpoint", endpoint).returncode == FAILURE, "gone with the program"


def test_run_takes_users_of_a_bootstrap_file_and_no_other_credentials(signet, tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    other = {"AWS_PROFILE": "other", "AWS_SESSION_TOKEN": "of another place"}
    done = signet("run", "--fresh", "--bootstrap", file, "--user", "nobody", "--", sys.executable, "-c", TELL, **other)
    assert done.returncode == OK, done.stderr
    seen = json.loads(done.stdout)
    assert seen["AWS_ACCESS_KEY_ID"] == bootstrap.NOBODY.access_key and seen["AWS_SECRET_ACCESS_KEY"] == bootstrap.NOBODY.secret_key
    assert not other.keys() & seen.keys()
    done = signet("run", "--fresh", "--bootstrap", file, "--user", "not-there", "--", "true")
    assert done.returncode == FAILURE and "not-there" in done.stderr


def test_run_uses_a_server_that_runs(signet, tmp_path):
    running = Server(["--data", tmp_path / "data", "--quiet", "--listen", "127.0.0.1:0", "--save-credentials", tmp_path / "keys"],
                     tmp_path).start()
    try:
        done = signet("run", "--endpoint", running.url, "--credentials", tmp_path / "keys", "--", sys.executable, "-c", TELL)
        kept = signet("run", "--endpoint", running.url, "--ca", tmp_path / "keys", "--", sys.executable, "-c", TELL, AWS_PROFILE="mine")
    finally:
        running.stop()
    seen = json.loads(done.stdout)
    assert seen["AWS_ENDPOINT_URL"] == seen["SIGNET_ENDPOINT"] == running.url and seen["AWS_ACCESS_KEY_ID"].startswith("AKIA")
    seen = json.loads(kept.stdout)
    assert seen["AWS_PROFILE"] == "mine" and "AWS_ACCESS_KEY_ID" not in seen
    assert {seen[name] for name in ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")} == {str(tmp_path / "keys")}


def test_run_ends_as_the_program_does(signet):
    for script, code in (("exit 7", 7), ("exit 127", 127), ("kill -9 $$", 128 + 9)):
        done = signet("run", "--fresh", "--", "sh", "-c", script)
        assert (done.returncode, done.stderr) == (code, "")
    done = signet("run", "--fresh", "--", "no-such-program")
    assert done.returncode == 127 and "no-such-program" in done.stderr
    done = signet("run", "--endpoint", "http://127.0.0.1:1", "--", "true")
    assert done.returncode == FAILURE and "--fresh" in done.stderr
    assert signet("run", "--fresh").returncode == USAGE
    assert signet("run", "--user", "x", "--", "true").returncode == USAGE
