"""Signet nodes over one etcd cluster, each with a folder of its own and the same master key."""
import json
import pathlib

from support import bootstrap
from support.aws import Aws
from support.etcd import Etcd
from support.server import Server

MASTER_KEY = "6b" * 32


class Cluster:
    def __init__(self, folder, nodes=3, members=3, flags=(), document=None):
        self.folder = pathlib.Path(folder)
        self.etcd = Etcd(folder, members)
        self._flags = list(flags)
        self._bootstrap = self.folder / "bootstrap.json"
        self._bootstrap.write_text(json.dumps(document or bootstrap.document()))
        self.nodes = [self.make_node(i) for i in range(nodes)]

    def make_node(self, number, port=0, flags=()):
        home = self.folder / f"node-{number}"
        data = home / "data"
        data.mkdir(parents=True, exist_ok=True)
        key = data / "master.key"
        if not key.exists():
            key.write_text(MASTER_KEY + "\n")
            key.chmod(0o600)
        arguments = ["--store", self.etcd.address, "--data", data, "--bootstrap", self._bootstrap, "--listen", f"127.0.0.1:{port}", "--threads", 1,
                     *self._flags, *flags]
        return Server(arguments, home)

    def start(self):
        self.etcd.start()
        for node in self.nodes:
            node.start()
        return self

    def aws(self, number):
        node = self.nodes[number]
        return Aws(node.url, node.folder)

    def stop(self):
        for node in self.nodes:
            if node.is_running():
                node.kill()
        self.etcd.stop()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *raised):
        self.stop()
