"""Requests by hand: signed with botocore's signer, sent as they are, answers taken apart without a client's help. For
operations that a client would not send, and for requests that are wrong on purpose."""
import dataclasses
import http.client
import json
import urllib.parse
import xml.etree.ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials

REGION = "us-east-1"
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back; `code` and `message` of the error document, both None where there is none."""

    status: int
    body: str
    code: str | None
    message: str | None

    @property
    def is_ok(self):
        return 200 <= self.status < 300


class Wire:
    """Sends requests to one server over one connection. `keys` None: unsigned. `tamper`: one digit of the signature is
    wrong."""

    def __init__(self, server):
        self._host = f"127.0.0.1:{server.port}"
        self._connection = http.client.HTTPConnection(self._host, timeout=30)

    def close(self):
        self._connection.close()

    def query(self, service, action, parameters, keys, tamper=False):
        """An IAM or STS call; `parameters` nested as the API names them."""
        form = {"Action": action, "Version": VERSIONS[service]} | flatten(parameters)
        body = urllib.parse.urlencode(form)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return self.send("POST", "/", headers, body, keys, service, tamper)

    def json(self, service, method, target, body, keys, tamper=False):
        """A call of REST with JSON; `target` is path and query as on the wire."""
        headers = {"Content-Type": "application/json"} if body else {}
        return self.send(method, target, headers, body, keys, service, tamper)

    def s3(self, method, target, keys, headers=None, body="", tamper=False):
        """An S3 request; `target` is path and query as on the wire."""
        return self.send(method, target, dict(headers or {}), body, keys, "s3", tamper)

    def begin(self, method, target, body, keys, service="s3"):
        """Sends the head and half of the body of a request; returns a function that sends the rest and returns the Answer."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if service != "s3" else {}
        request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{self._host}{target}", headers=headers,
                                                 data=body.encode())
        _signer(service, keys).add_auth(request)
        sent = {name: value for name, value in request.headers.items()} | {"Content-Length": str(len(body))}
        self._connection.request(method, target, body[:len(body) // 2].encode(), sent)

        def finish():
            self._connection.send(body[len(body) // 2:].encode())
            answer = self._connection.getresponse()
            return _read(answer.status, answer.read().decode())

        return finish

    def send(self, method, target, headers, body, keys, service, tamper):
        request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{self._host}{target}", headers=headers,
                                                 data=body.encode())
        if keys:
            _signer(service, keys).add_auth(request)
        sent = {name: value for name, value in request.headers.items()}
        if tamper:
            sent["Authorization"] = _with_other_last_digit(sent["Authorization"])
        self._connection.request(method, target, body.encode(), sent)
        answer = self._connection.getresponse()
        return _read(answer.status, answer.read().decode(), answer.headers.get("x-amzn-ErrorType"))


def flatten(value, prefix=""):
    """Parameters of the Query protocol: {"Tags": [{"Key": "a"}]} is Tags.member.1.Key=a."""
    if isinstance(value, dict):
        pairs = [(f"{prefix}.{name}" if prefix else name, member) for name, member in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{prefix}.member.{number}", member) for number, member in enumerate(value, start=1)]
    else:
        return {prefix: str(value).lower() if isinstance(value, bool) else str(value)}
    return {name: text for key, member in pairs for name, text in flatten(member, key).items()}


def _signer(service, keys):
    credentials = botocore.credentials.Credentials(keys.access_key, keys.secret_key, keys.token)
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    return signer(credentials, service, REGION)


def _with_other_last_digit(authorization):
    return authorization[:-1] + ("0" if authorization[-1] != "0" else "1")


def _read(status, body, error_type=None):
    code = message = None
    if error_type is not None:
        return Answer(status, body, error_type, json.loads(body)["message"])
    if body.startswith("<"):
        for element in xml.etree.ElementTree.fromstring(body).iter():
            name = element.tag.rpartition("}")[2]
            if name == "Code" and code is None:
                code = element.text
            elif name == "Message" and message is None:
                message = element.text
    is_error = code is not None and message is not None
    return Answer(status, body, code if is_error else None, message if is_error else None)
