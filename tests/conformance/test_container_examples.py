"""examples/containers: what they say fits the schemas of their readers, each other and the program."""
import json
import subprocess
import sys

import boto3
import pytest
import ruamel.yaml

from support.server import ROOT, Server

EXAMPLES = ROOT / "examples" / "containers"


def read(name):
    return ruamel.yaml.YAML(typ="safe").load((EXAMPLES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name, schema", [("compose.yaml", "vendor.compose-spec"), ("github-actions.yml", "vendor.github-workflows")])
def test_fits_its_schema(name, schema):
    done = subprocess.run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(EXAMPLES / name)],
                          capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_server_of_the_compose_file_knows_the_key_of_its_tests(tmp_path):
    services = read("compose.yaml")["services"]
    command = services["signet"]["command"]
    assert command[0] == "serve"
    arguments = [str(EXAMPLES / "bootstrap.json") if word == "/bootstrap.json" else word for word in command[1:]]
    server = Server([*arguments, "--listen", "127.0.0.1:0", "--quiet"], tmp_path).start()
    try:
        variables = services["tests"]["environment"]
        sts = boto3.client("sts", endpoint_url=server.url, region_name=variables["AWS_REGION"],
                           aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
                           aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"])
        assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/admin"
    finally:
        server.stop()


def test_the_workflow_uses_the_same_key():
    steps = read("github-actions.yml")["jobs"]["test"]["steps"]
    variables = next(step["env"] for step in steps if step.get("name") == "Run the tests")
    key = json.loads((EXAMPLES / "bootstrap.json").read_text())["accounts"][0]["users"][0]["access_keys"][0]
    assert variables["AWS_ACCESS_KEY_ID"] == key["access_key_id"]
    assert variables["AWS_SECRET_ACCESS_KEY"] == key["secret_access_key"]
