"""Clients for the server under test: boto3, the AWS command line, and what their errors say."""
import os
import pathlib
import subprocess
import sys

import boto3
import botocore.config
import botocore.exceptions
import botocore.loaders
import botocore.session
import pytest

from support import declared_errors

REGION = "us-east-1"
# One for all clients: it keeps the parsed models of services, which take a second or so to read.
_LOADER = botocore.loaders.create_loader()


class Aws:
    """Makes boto3 clients and CLI environments for one server."""

    def __init__(self, url, home):
        self.url = url
        self.home = pathlib.Path(home)

    def client(self, service, keys, **options):
        """A boto3 client with these credentials (None: unsigned), without retries so that errors show at once."""
        config = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30,
                                        s3={"addressing_style": "path"}, **options.pop("config", {}))
        if keys is None:
            config = config.merge(botocore.config.Config(signature_version=botocore.UNSIGNED))
        return self.session(keys).client(service, endpoint_url=self.url, config=config, **options)

    def session(self, keys):
        core = botocore.session.Session()
        core.register_component("data_loader", _LOADER)
        core.register("after-call", _note_answer)
        if keys is None:
            return boto3.Session(region_name=REGION, botocore_session=core)
        return boto3.Session(aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key,
                             aws_session_token=keys.token, region_name=REGION, botocore_session=core)

    def iam(self, keys):
        return self.client("iam", keys)

    def sts(self, keys):
        return self.client("sts", keys)

    def unchecked(self, service, keys):
        """A client that sends what the SDK's own validation would stop."""
        return self.client(service, keys, config={"parameter_validation": False})

    def s3(self, keys):
        return self.client("s3", keys)

    def environment(self, keys=None, **more):
        """What an unmodified program sees: endpoint, region and credentials; no file of the machine's user."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        kept["PATH"] = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
        env = {
            **kept,
            "HOME": str(self.home),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(self.home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if keys:
            env |= {"AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key}
            if keys.token:
                env["AWS_SESSION_TOKEN"] = keys.token
        return env | more

    def cli(self, keys, *arguments, stdin="", **more):
        """Runs `aws ARGUMENTS` without a terminal; returns the completed process with its output as text."""
        command = [str(pathlib.Path(sys.executable).parent / "aws"), *arguments]
        return subprocess.run(command, env=self.environment(keys, **more), input=stdin, capture_output=True, text=True,
                              timeout=60, check=False, start_new_session=True)


def _note_answer(parsed, model, **_rest):
    declared_errors.note(model.service_model.service_name, model.name, parsed.get("Error", {}).get("Code"))


class Refused:
    """`with refused("AccessDenied", "sts:AssumeRole") as error:` expects a client error of this code whose message
    contains the texts; `error.response` is the answer."""

    def __init__(self, code, *texts, status=None):
        self._code = code
        self._texts = texts
        self._status = status
        self.response = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if error is None:
            pytest.fail(f"expected {self._code}, but the call succeeded")
        if not isinstance(error, botocore.exceptions.ClientError):
            return False
        self.response = error.response
        assert error.response["Error"]["Code"] == self._code, error
        for text in self._texts:
            assert text in error.response["Error"]["Message"], error
        if self._status is not None:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == self._status, error
        return True

    @property
    def message(self):
        return self.response["Error"]["Message"]


def refused(code, *texts, status=None):
    return Refused(code, *texts, status=status)
