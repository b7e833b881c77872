#!/usr/bin/env python3
"""Measures AssumeRoleWithWebIdentity with a token of ES256, the issuer's keys fetched and kept, next to AssumeRole of the same server.

    cmake --preset release && ninja -C build/release signet loadgen
    bench/server/web_identity.py [--rounds 7] [--seconds 1] [--signet FILE]

Needs boto3, PyJWT and cryptography (the environment of the conformance tests has them). One server, its event loop on the first
CPU, the generator on the last; both calls in turn in every round; medians, ratios paired by round. Goal: 0.5 of AssumeRole's rate.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

import run

sys.path.append(str(run.ROOT / "tests"))
import boto3  # noqa: E402
from support.certificates import Certificate  # noqa: E402
from support.issuer import Issuer, served  # noqa: E402

AUDIENCE = "sts.amazonaws.com"


def trust(provider):
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def provision(port, issuer):
    """A provider and a role that trusts it; the role's ARN."""
    iam = boto3.client("iam", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                       aws_access_key_id=run.ROOT_KEY[0], aws_secret_access_key=run.ROOT_KEY[1])  # fmt: skip
    provider = iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
    return iam.create_role(RoleName="workload", AssumeRolePolicyDocument=trust(provider))["Role"]["Arn"]


def web_identity_path(role, token):
    return "/?" + urllib.parse.urlencode({
        "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": role, "RoleSessionName": "job",
        "WebIdentityToken": token,
    })  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--signet", type=pathlib.Path, default=run.SIGNET)
    options = parser.parse_args()
    issuer = Issuer("https://idp.example.com/tenant")
    with tempfile.TemporaryDirectory(prefix="signet-web-identity-") as name:
        directory = pathlib.Path(name)
        certificate = Certificate(directory / "tls", "ec", names=[issuer.host])
        with served(certificate, issuer) as issuer_port:
            port = run.free_port()
            command = [
                *run.signet_command(directory, port, options.signet), "--oidc-ca-file", certificate.chain,
                "--oidc-connect", f"{issuer.host}=127.0.0.1:{issuer_port}",
            ]  # fmt: skip
            with run.Server("signet", command, port, run.cpus()[0]) as server:
                keys = directory / "keys.csv"
                subprocess.run(
                    list(map(str, [
                        run.LOADGEN, "provision", "--url", f"http://127.0.0.1:{port}", "--key", ":".join(run.ROOT_KEY),
                        "--users", 100, "--roles", 10, "--objects", 1, "--keys-out", keys,
                    ])), check=True, capture_output=True,
                )  # fmt: skip
                path = web_identity_path(provision(port, issuer), issuer.token())
                assume = run.Subject("AssumeRole", server, ["--keys", keys, "--roles", 10, "--mix", "assume"])
                web = run.Subject("AssumeRoleWithWebIdentity, ES256", server, ["--path", path])
                for number in range(options.rounds):
                    for subject in (assume, web) if number % 2 == 0 else (web, assume):
                        subject.measure_closed(options.seconds)
        asked = len(issuer.asked)
    print("| | requests/s | to AssumeRole | CPU us/request |\n|---|---|---|---|")
    for subject in (assume, web):
        ratio = statistics.median(a / b for a, b in zip(subject.rates, assume.rates))
        print(f"| {subject.label} | {statistics.median(subject.rates):,.0f} | {ratio:.2f} | {statistics.median(subject.cpu):.1f} |")
    print(f"\n{options.rounds} rounds of {options.seconds} s. The issuer was asked for {asked} documents in all. "
          f"Load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs.")


if __name__ == "__main__":
    main()
