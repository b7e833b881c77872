#!/usr/bin/env bash
# aws4 1.13.2 and aws4fetch 1.0.20 leave the second of two query parameters of one name out of what they sign, for S3 alone.
#
# Guess: Signature Version 4 has one canonical query: all parameters, sorted, as the SDKs sign them.
# Seen:  for `?a=2&a=1` and the service s3 both JavaScript signers sign `a=2` and send both parameters; for any other service
#        they sign `a=1&a=2`. botocore 1.44.8 and requests-aws4auth 1.4.0 sign `a=1&a=2` for every service.
# Why it matters: a server that follows one of the two kinds answers SignatureDoesNotMatch to the other. No operation of S3 has
#        a parameter that may be repeated, so a refusal costs little, while leaving one out would mean that it is not signed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install botocore==1.44.8 requests==2.34.2 requests-aws4auth==1.4.0
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit aws4@1.13.2 aws4fetch@1.0.20 >/dev/null)
cat >"$work/sign.mjs" <<'JS'
import aws4 from "aws4";
import { AwsV4Signer } from "aws4fetch";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" };
for (const service of ["s3", "execute-api"]) {
  const signer = new aws4.RequestSigner({ host: "h.example", path: "/b/k?a=2&a=1", service, region: "us-east-1" }, keys);
  const sent = signer.sign().path;
  console.log(`aws4 ${service} sends ${sent} signs ${signer.canonicalString().split("\n")[2]}`);
  const other = new AwsV4Signer({ url: "http://h.example/b/k?a=2&a=1", service, region: "us-east-1", ...keys });
  const { url } = await other.sign();
  console.log(`aws4fetch ${service} sends ${url.pathname}${url.search} signs ${(await other.canonicalString()).split("\n")[2]}`);
}
JS
cat >"$work/sign.py" <<'PYTHON'
import requests
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests_aws4auth import AWS4Auth

url = "http://h.example/b/k?a=2&a=1"
for service, signer in (("s3", S3SigV4Auth), ("execute-api", SigV4Auth)):
    request = AWSRequest("GET", url, headers={"X-Amz-Date": "20261130T120000Z"})
    query = signer(Credentials("AKIDEXAMPLE", "example"), service, "us-east-1").canonical_query_string(request)
    print(f"botocore {service} signs {query}")
    prepared = requests.Request("GET", url).prepare()
    auth = AWS4Auth("AKIDEXAMPLE", "example", "us-east-1", service)
    print(f"requests-aws4auth {service} signs {auth.amz_cano_querystring(prepared.url.split('?')[1])}")
PYTHON
{ (cd "$work" && node sign.mjs); "$work/venv/bin/python" "$work/sign.py"; } >"$work/seen"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
aws4 s3 sends /b/k?a=2&a=1 signs a=2
aws4fetch s3 sends /b/k?a=2&a=1 signs a=2
aws4 execute-api sends /b/k?a=2&a=1 signs a=1&a=2
aws4fetch execute-api sends /b/k?a=2&a=1 signs a=1&a=2
botocore s3 signs a=1&a=2
requests-aws4auth s3 signs a=1&a=2
botocore execute-api signs a=1&a=2
requests-aws4auth execute-api signs a=1&a=2
EXPECTED
