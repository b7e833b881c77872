"""etcd with TLS, certificates of clients, and its own users: a node that shows what it must gets in, and no other."""
import subprocess

import pytest

from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN
from support.cluster import Cluster
from support.etcd import Etcd
from support.pki import AUTHORITY, Pki

BOTH = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=IP:127.0.0.1\n"


def refused(node, words):
    with pytest.raises(AssertionError, match=words):
        node.start(timeout=20)


def test_tls_with_certificates_of_clients(tmp_path):
    pki = Pki(tmp_path)
    authority = pki.issue("/CN=etcd's authority", None, AUTHORITY)
    other = pki.issue("/CN=another authority", None, AUTHORITY)
    server, client, stranger = (pki.issue(f"/CN={name}", issuer, BOTH) for name, issuer in
                                (("etcd", authority), ("signet", authority), ("stranger", other)))
    file = lambda certificate, kind: str(tmp_path / f"{certificate.name}.{kind}")  # noqa: E731
    cluster = Cluster(tmp_path, nodes=0)
    cluster.etcd = Etcd(tmp_path, 1, ["--cert-file", file(server, "pem"), "--key-file", file(server, "key"), "--client-cert-auth",
                                      "--trusted-ca-file", file(authority, "pem")], "https").start()
    try:
        assert cluster.etcd.address.startswith("etcds://")
        trusted = ["--store-ca", file(authority, "pem")]
        shown = ["--store-cert", file(client, "pem"), "--store-key", file(client, "key")]
        with cluster.make_node(1, flags=trusted + shown).start(timeout=40) as node:
            assert Aws(node.url, node.folder).sts(ADMIN).get_caller_identity()["Account"] == ACCOUNT
            Aws(node.url, node.folder).iam(ADMIN).create_user(UserName="over-tls")
        refused(cluster.make_node(2, flags=["--store-ca", file(other, "pem"), *shown]), "certificate is not accepted")
        refused(cluster.make_node(3, flags=trusted), "etcd at 127.0.0.1")
        refused(cluster.make_node(4, flags=[*trusted, "--store-cert", file(stranger, "pem"), "--store-key", file(stranger, "key")]),
                "etcd at 127.0.0.1")
        refused(cluster.make_node(5, flags=[*trusted, "--store-cert", file(client, "pem"), "--store-key", file(server, "key")]),
                "belong together")
    finally:
        cluster.stop()


def test_users_of_etcd(tmp_path):
    cluster = Cluster(tmp_path, nodes=0, members=1)
    cluster.etcd.start()

    def etcdctl(*words):
        subprocess.run(["etcdctl", "--endpoints", cluster.etcd.members[0].client_url, *words], check=True, capture_output=True, timeout=30,
                       env={"ETCDCTL_API": "3", "PATH": "/usr/bin:/usr/local/bin"})

    try:
        etcdctl("user", "add", "root:root-password")
        etcdctl("user", "grant-role", "root", "root")
        etcdctl("role", "add", "signet")
        etcdctl("role", "grant-permission", "signet", "--prefix=true", "readwrite", "signet/")
        etcdctl("user", "add", "signet:signet-password")
        etcdctl("user", "grant-role", "signet", "signet")
        etcdctl("auth", "enable")
        (tmp_path / "right").write_text("signet-password\n")
        (tmp_path / "wrong").write_text("guess\n")
        with cluster.make_node(1, flags=["--store-user", "signet", "--store-password-file", tmp_path / "right"]).start() as node:
            Aws(node.url, node.folder).iam(ADMIN).create_user(UserName="by-a-user-of-etcd")
            assert node.get("/_signet/ready") == {"status": "ok"}
            # Elsewhere in etcd that user may do nothing.
            other = cluster.make_node(4, flags=["--store-user", "signet", "--store-password-file", tmp_path / "right"])
            other.arguments[1] = cluster.etcd.address + "/elsewhere"
            refused(other, "permission denied")
        refused(cluster.make_node(2, flags=["--store-user", "signet", "--store-password-file", tmp_path / "wrong"]), "authentication failed")
        refused(cluster.make_node(3), "user name is empty")
    finally:
        cluster.stop()
