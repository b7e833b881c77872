"""The Helm chart: helm's own linter, Kubernetes' schemas, what the templates refuse, and that what a pod runs shows no secret in its log."""
import json
import os
import re
import subprocess

import pytest
import yaml

import kubernetes_validate
from support import golang
from support.aws import Aws
from support.bootstrap import Keys
from support.certificates import Certificate
from support.server import BINARY, ROOT, Server

CHART = ROOT / "packaging" / "kubernetes" / "signet"
MANIFEST = ROOT / "packaging" / "kubernetes" / "signet.yaml"
VERSIONS = ["1.25", "1.30", "1.35"]
ONE = {"masterKey.existingSecret": "signet-master-key", "tls.existingSecret": "signet-tls"}
THREE = ONE | {"replicas": "3", "store.address": "etcds://etcd-0.etcd:2379\\,etcd-1.etcd:2379\\,etcd-2.etcd:2379", "store.tlsSecret": "etcd-tls",
               "store.clientCertificate": "true", "bootstrap.existingSecret": "accounts", "metrics.serviceMonitor.enabled": "true"}
PLAIN = {"masterKey.existingSecret": "signet-master-key", "insecureListen": "true", "metrics.public": "false", "service.type": "LoadBalancer",
         "persistence.storageClass": "fast", "settings.audit-rotate": "16", "settings.audit-required": "true"}


@pytest.fixture(scope="session")
def helm():
    return golang.install("helm.sh/helm/v3/cmd/helm@v3.14.4", "helm")


def run(helm, *arguments):
    return subprocess.run([str(helm), *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def sets(values):
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]


def rendered(helm, values):
    done = run(helm, "template", "signet", CHART, "--kube-version", "1.30.0", *sets(values))
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(documents, kind):
    return [document for document in documents if document["kind"] == kind]


@pytest.mark.parametrize("values", [ONE, THREE, PLAIN], ids=["one", "three", "plain"])
def test_helm_and_the_schemas_accept_the_chart(helm, values):
    done = run(helm, "lint", CHART, "--strict", *sets(values))
    assert done.returncode == 0, done.stdout + done.stderr
    documents = rendered(helm, values)
    for document in documents:
        if document["kind"] == "ServiceMonitor":
            continue  # of an operator, whose schema is not Kubernetes'
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)
    assert len(of_kind(documents, "PodDisruptionBudget")) == (1 if "replicas" in values else 0)


@pytest.mark.parametrize("values, complaint", [
    ({}, "masterKey.existingSecret"),
    ({"masterKey.existingSecret": "k"}, "tls.existingSecret"),
    (ONE | {"replicas": "3"}, "store.address"),
    (ONE | {"store.address": "etcds://a:1"}, "store.tlsSecret"),
    (ONE | {"store.address": "redis://a"}, "store.address"),
    (ONE | {"settings.listen": "0.0.0.0:80"}, "listen"),
    (ONE | {"replica": "3"}, "replica"),
    (ONE | {"metrics.serviceMonitor.enabled": "true", "metrics.public": "false"}, "metrics.public"),
])
def test_the_chart_refuses_what_would_not_work_or_be_unsafe(helm, values, complaint):
    done = run(helm, "template", "signet", CHART, "--kube-version", "1.30.0", *sets(values))
    assert done.returncode != 0 and complaint in done.stderr, done.stderr


def test_the_plain_manifest_is_what_the_chart_makes(helm):
    assert list(yaml.safe_load_all(MANIFEST.read_text())) == rendered(helm, ONE)


def test_pods_have_no_privilege_and_secrets_come_from_secrets(helm):
    documents = rendered(helm, THREE)
    pod = of_kind(documents, "StatefulSet")[0]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"] and pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    key = next(one for one in container["env"] if one["name"] == "SIGNET_MASTER_KEY")
    assert "value" not in key and key["valueFrom"]["secretKeyRef"]["name"] == "signet-master-key"
    assert not of_kind(documents, "Secret"), "what helm keeps of a release holds no secret"


def command_of(documents, folder, certificate):
    """What the pod runs, with its paths in `folder` instead of in volumes."""
    container = of_kind(documents, "StatefulSet")[0]["spec"]["template"]["spec"]["containers"][0]
    settings = of_kind(documents, "ConfigMap")[0]["data"]["signet.toml"]
    (folder / "etc").mkdir(parents=True)
    (folder / "data").mkdir(mode=0o770)
    (folder / "etc" / "signet.toml").write_text(settings)
    moved = {"/etc/signet/tls/tls.crt": str(certificate.chain), "/etc/signet/tls/tls.key": str(certificate.key),
             "/etc/signet/signet.toml": str(folder / "etc" / "signet.toml"), "/data": str(folder / "data"), "0.0.0.0:9311": "127.0.0.1:0"}

    def here(text):
        for place, ours in moved.items():
            text = text.replace(place, ours)
        return text

    env = {one["name"]: here(one["value"]) for one in container["env"] if "value" in one}
    assert container["args"][0] == "serve"
    return [here(argument) for argument in container["args"][1:]], env


def test_a_first_start_shows_no_secret_and_exec_gets_in(helm, tmp_path):
    certificate = Certificate(tmp_path / "tls", "ec")
    certificate.key.chmod(0o440)
    documents = rendered(helm, ONE | {"settings.audit-rotate": "16"})
    arguments, env = command_of(documents, tmp_path / "pod", certificate)
    env = os.environ | env | {"SIGNET_MASTER_KEY": "5c" * 32}
    server = Server(arguments, tmp_path / "log", env=env).start()
    saved = tmp_path / "pod" / "data" / "first-administrator"
    secrets = re.findall(r"(?:aws_secret_access_key|password)\s*[=:]\s*(\S+)", saved.read_text(), re.IGNORECASE)
    assert secrets and saved.stat().st_mode & 0o077 == 0

    # As kubectl exec does it: another process of the same user, with the container's environment.
    def signet(*words):
        return subprocess.run([str(BINARY), *words], env=env, capture_output=True, text=True, timeout=30, check=False)

    account = json.loads(signet("account", "list", "--output", "json").stdout)[0]["id"]
    done = signet("account", "recover", "--id", account, "--user", "me")
    assert done.returncode == 0, done.stderr
    key = re.search(r"(AKIA\w{16})", done.stdout).group(1)
    secret = re.search(r"(?<![A-Za-z0-9/+])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])", done.stdout).group(1)
    url = server.url.replace("127.0.0.1", "localhost")
    client = Aws(url, tmp_path).session(Keys(key, secret)).client("sts", endpoint_url=url, region_name="us-east-1", verify=str(certificate.chain))
    assert client.get_caller_identity()["Arn"].endswith(":user/me")
    assert server.stop() == 0
    log = server.said + (tmp_path / "log" / "server.log").read_text()
    for text in [*secrets, secret, "5c" * 32]:
        assert text not in log
