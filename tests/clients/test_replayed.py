"""Clients that nothing here can run: their requests, byte for byte as their sources and captures say, signed as they sign, and sent.

Where a form is from:
- AWS SDK for .NET 4: aws/aws-sdk-net, Core's AWS4Signer.cs (which headers are signed), Marshaller.cs and HttpRequestMessageFactory.cs;
  version 3.7.300.2 is run (test_matrix.py) and differs in the user agent, which it signs.
- AWS Tools for PowerShell 5: aws/aws-tools-for-powershell, Common's SetAWSPowerShellUserAgent, on the same SDK. `7.-1` is what it sends:
  the second number is that of a part of a version which PowerShell 7's has not.
- AWS SDK for Swift 1.5: awslabs/aws-sdk-swift, AWSSigV4Signer.swift and AWSUserAgentMetadata.swift, smithy-swift's SmithyFormURL. It signs
  with the common runtime in C, of which awscrt is the binding for Python: the same code signs here."""
import base64
import dataclasses
import datetime
import hashlib
import hmac
import socket
import urllib.parse
import uuid
import xml.etree.ElementTree
import zlib

import awscrt.auth
import awscrt.http
import pytest

from matrix_world import BUCKET
from support.bootstrap import ACCOUNT, ADMIN, Keys

QUERY_VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4)).decode()


class Signing:
    """Version 4, step by step, so that each client's choice of headers can be made."""

    def __init__(self, keys, service, now):
        self.stamp, self.scope = now.strftime("%Y%m%dT%H%M%SZ"), f"{now:%Y%m%d}/us-east-1/{service}/aws4_request"
        self.key, self.access_key = ("AWS4" + keys.secret_key).encode(), keys.access_key
        for part in self.scope.split("/"):
            self.key = mac(self.key, part)

    def head(self, method, path, headers, unsigned, body_hash):
        """The value of Authorization; `headers` is what is sent, and all of it is signed but for the names in `unsigned`."""
        signed = sorted((name.lower(), value) for name, value in headers if name.lower() not in unsigned)
        names = ";".join(name for name, _ in signed)
        canonical = "\n".join([method, path, "", *(f"{name}:{value}" for name, value in signed), "", names, body_hash])
        self.signature = mac(self.key, f"AWS4-HMAC-SHA256\n{self.stamp}\n{self.scope}\n{sha256(canonical.encode())}").hex()
        return f"AWS4-HMAC-SHA256 Credential={self.access_key}/{self.scope}, SignedHeaders={names}, Signature={self.signature}"

    def chunk(self, data):
        """A chunk of aws-chunked with its signature, which is over that before it."""
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", self.stamp, self.scope, self.signature, sha256(b""), sha256(data)])
        self.signature = mac(self.key, text).hex()
        return f"{len(data):X};chunk-signature={self.signature}\r\n".encode() + data + b"\r\n" * bool(data)

    def trailer(self, line):
        text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", self.stamp, self.scope, self.signature, sha256(f"{line}\n".encode())])
        return f"{line}\r\nx-amz-trailer-signature:{mac(self.key, text).hex()}\r\n\r\n".encode()


@dataclasses.dataclass(frozen=True)
class Dotnet:
    """HttpClient's order: what belongs to the content comes last. Parameters are sorted by name."""

    name: str
    version: str
    user_agent: str
    unsigned = ("x-amzn-trace-id", "transfer-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "user-agent", "x-amz-user-agent",
                "authorization", "content-length")

    def _send(self, host, keys, service, method, path, content, body_hash, make_body):
        signing = Signing(keys, service, datetime.datetime.now(datetime.timezone.utc))
        own = [("User-Agent", f"{self.user_agent} api/{'STS' if service == 'sts' else service.upper()}#{self.version}"),
               ("amz-sdk-invocation-id", str(uuid.uuid4())), ("amz-sdk-request", "attempt=1; max=3"), ("Host", host),
               ("X-Amz-Date", signing.stamp)]
        own += [("X-Amz-Security-Token", keys.token)] if keys.token else []
        own.append(("X-Amz-Content-SHA256", body_hash))
        authorization = signing.head(method, path, own + content, self.unsigned, body_hash)
        return exchange(host, method, path, [*own, ("Authorization", authorization), *content], make_body(signing))

    def query(self, host, keys, service, action, **parameters):
        body = "&".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in
                        sorted({"Action": action, "Version": QUERY_VERSIONS[service], **parameters}.items())).encode()
        content = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("Content-Length", str(len(body)))]
        return self._send(host, keys, service, "POST", "/", content, sha256(body), lambda _: body)

    def put(self, host, keys, path, data, checksum):
        """A stream goes in signed chunks with its checksum behind it."""

        def chunks(signing):
            return signing.chunk(data) + signing.chunk(b"") + signing.trailer(f"x-amz-checksum-crc32:{checksum}")

        measure = Signing(keys, "s3", datetime.datetime.now())
        measure.signature = "0" * 64  # as long as any
        length = len(chunks(measure))
        content = [("Content-Type", "text/plain"), ("Content-Encoding", "aws-chunked"), ("x-amz-sdk-checksum-algorithm", "CRC32"),
                   ("x-amz-trailer", "x-amz-checksum-crc32"), ("X-Amz-Decoded-Content-Length", str(len(data))), ("Content-Length", str(length))]
        return self._send(host, keys, "s3", "PUT", path, content, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunks)


@dataclasses.dataclass(frozen=True)
class Swift:
    name: str
    version: str
    user_agent: str

    def _send(self, host, keys, service, method, path, headers, body):
        sent = [("Host", host), *headers, ("User-Agent", f"{self.user_agent} api/{service}#{self.version} os/linux#6.8.0 lang/swift#6.2 m/D,N,Z,b,e"),
                ("amz-sdk-invocation-id", str(uuid.uuid4())), ("amz-sdk-request", "attempt=1; max=3")]
        request = awscrt.http.HttpRequest(method, path, awscrt.http.HttpHeaders(sent))
        is_s3 = service == "s3"
        config = awscrt.auth.AwsSigningConfig(
            algorithm=awscrt.auth.AwsSigningAlgorithm.V4, signature_type=awscrt.auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=awscrt.auth.AwsCredentialsProvider.new_static(keys.access_key, keys.secret_key, keys.token),
            region="us-east-1", service=service, use_double_uri_encode=not is_s3, should_normalize_uri_path=not is_s3,
            signed_body_value=sha256(body), omit_session_token=False,
            signed_body_header_type=awscrt.auth.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256 if is_s3 else awscrt.auth.AwsSignedBodyHeaderType.NONE)
        signed = awscrt.auth.aws_sign_request(request, config).result(timeout=10)
        return exchange(host, method, path, list(signed.headers), body)

    def query(self, host, keys, service, action, **parameters):
        """Members in the order of their names, then the action and the version."""
        body = "&".join(f"{name}={urllib.parse.quote(value, safe='')}" for name, value in
                        [*sorted(parameters.items()), ("Action", action), ("Version", QUERY_VERSIONS[service])]).encode()
        headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
        return self._send(host, keys, service, "POST", "/", headers, body)

    def put(self, host, keys, path, data, checksum):
        """Bytes in memory go as they are, with their checksum in front."""
        headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(data))), ("x-amz-sdk-checksum-algorithm", "CRC32"),
                   ("x-amz-checksum-crc32", checksum)]
        return self._send(host, keys, "s3", "PUT", path, headers, data)


def exchange(host, method, path, headers, body):
    """Sends these bytes; (status, element -> text) of the answer."""
    address, port = host.split(":")
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "Connection: close\r\n\r\n"
    with socket.create_connection((address, int(port)), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, document = answer.partition(b"\r\n\r\n")
    elements = {}
    if document.startswith(b"<"):
        for element in xml.etree.ElementTree.fromstring(document).iter():
            elements.setdefault(element.tag.rpartition("}")[2], element.text)
    return int(head.split()[1]), elements


CLIENTS = [
    Dotnet(".NET 4", "4.0.102.5", "aws-sdk-dotnet-coreclr/4.0.102.5 ua/2.1 os/linux#6.8.0 md/ARCH#X64 lang/.NET_Core#8.0.12 "
                                  "md/aws-sdk-dotnet-core#4.0.102.5 cfg/retry-mode#standard md/ClientAsync"),
    Dotnet("PowerShell", "5.0.233.0", "AWSPowerShell.Common/5.0.233.0 ua/2.1 os/linux#6.8.0 md/ARCH#X64 lang/.NET_Core#8.0.12 "
                                      "md/PowerShellCore/7.-1 md/ClientAsync"),
    Swift("Swift", "1.5.86", "aws-sdk-swift/1.5.86 ua/2.1"),
]


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
def client(request, record_property):
    record_property("client", request.param.name)
    record_property("version", request.param.version)
    return request.param


@pytest.fixture
def host(world):
    return f"127.0.0.1:{world.server.port}"


def keys_of(answer):
    status, elements = answer
    assert status == 200, elements
    return Keys(elements["AccessKeyId"], elements["SecretAccessKey"], elements["SessionToken"])


def test_who_am_i_and_a_role(client, world, host, record_property):
    """GetCallerIdentity, AssumeRole for 1600 s, GetCallerIdentity as the role."""
    record_property("replayed", "identity assume-role")
    status, elements = client.query(host, world.person, "sts", "GetCallerIdentity")
    assert status == 200 and elements["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/person"
    session = keys_of(client.query(host, world.person, "sts", "AssumeRole", RoleArn=world.role, RoleSessionName="a+b=c,d@e",
                                   DurationSeconds="1600"))
    status, elements = client.query(host, session, "sts", "GetCallerIdentity")
    assert status == 200 and elements["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/plain/a+b=c,d@e"


def test_a_session_token_with_and_without_mfa(client, world, host):
    """Get-STSSessionToken as documented: plain, for an hour, with a device's code; and a wrong code."""
    keys_of(client.query(host, world.person, "sts", "GetSessionToken"))
    keys_of(client.query(host, world.person, "sts", "GetSessionToken", DurationSeconds="3600"))
    serial = world.fresh_device()
    status, elements = client.query(host, world.person, "sts", "GetSessionToken", SerialNumber=serial, TokenCode="000000")
    assert (status, elements["Code"]) == (403, "AccessDenied")
    keys_of(client.query(host, world.person, "sts", "GetSessionToken", SerialNumber=serial, TokenCode=world.code()))


def test_an_object_with_its_checksum(client, world, host):
    """The SDK's default checksum; the same bytes with a wrong one are refused."""
    path = f"/{BUCKET}/{client.name.strip('.').replace(' ', '-')}"
    status, elements = client.put(host, ADMIN, path, b"kept", crc32(b"kept"))
    assert status == 200, elements
    status, elements = client.put(host, ADMIN, path, b"lost", crc32(b"kept"))
    assert (status, elements["Code"]) == (400, "BadDigest")
    assert world.aws.s3(ADMIN).get_object(Bucket=BUCKET, Key=path.rpartition("/")[2])["Body"].read() == b"kept"


def test_a_changed_request_is_refused(client, world, host):
    """Signed with another secret, or for another's key."""
    for keys in (dataclasses.replace(world.person, secret_key="not the secret"), Keys("AKIAIOSFODNN7EXAMPLE", "x" * 40)):
        status, elements = client.query(host, keys, "sts", "GetCallerIdentity")
        assert status == 403 and elements["Code"] in ("SignatureDoesNotMatch", "InvalidClientTokenId"), elements
