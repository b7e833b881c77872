"""Signet nodes over one etcd cluster, each with a folder of its own and the same master key."""
import json
import pathlib

from support import bootstrap
from support.aws import Aws
from support.etcd import Etcd
from support.network import Proxy
from support.server import Server

MASTER_KEY = "6b" * 32


class Cluster:
    """With `proxied` each node reaches etcd through proxies of its own (`proxies`); with a network members are on machines of their own."""

    def __init__(self, folder, nodes=3, members=3, flags=(), document=None, proxied=False, network=None, etcd_flags=()):
        self.folder = pathlib.Path(folder)
        self.etcd = Etcd(folder, members, etcd_flags, network=network)
        self.proxies = {}
        self._proxied = proxied
        self._flags = list(flags)
        self._bootstrap = self.folder / "bootstrap.json"
        self._bootstrap.write_text(json.dumps(document or bootstrap.document()))
        self.nodes = [self.make_node(i) for i in range(nodes)]

    def _address(self, number):
        if not self._proxied:
            return self.etcd.address
        if number not in self.proxies:
            self.proxies[number] = [Proxy((member.host, member.client_port)) for member in self.etcd.members]
        return "etcd://" + ",".join(f"127.0.0.1:{proxy.port}" for proxy in self.proxies[number])

    def cut_node(self, number):
        """The node and etcd hear nothing of each other, and their connections stay."""
        for proxy in self.proxies[number]:
            proxy.cut()

    def mend_node(self, number):
        for proxy in self.proxies[number]:
            proxy.mend()

    def make_node(self, number, port=0, flags=(), env=None):
        home = self.folder / f"node-{number}"
        data = home / "data"
        data.mkdir(parents=True, exist_ok=True)
        key = data / "master.key"
        if not key.exists():
            key.write_text(MASTER_KEY + "\n")
            key.chmod(0o600)
        arguments = ["--store", self._address(number), "--data", data, "--bootstrap", self._bootstrap, "--listen", f"127.0.0.1:{port}", "--threads", 1,
                     *self._flags, *flags]
        return Server(arguments, home, env=env)

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
        for proxy in [one for proxies in self.proxies.values() for one in proxies]:
            proxy.stop()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *raised):
        self.stop()
