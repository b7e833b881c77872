"""Machines that can be cut off: network namespaces behind a bridge of this machine, and proxies that stop passing bytes."""
import itertools
import os
import shutil
import socket
import subprocess
import threading

_NUMBERS = itertools.count(1)


def _ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True, text=True)


def can_make_networks():
    """Whether this process may make namespaces (root, outside of a sealed container)."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    try:
        with Network(1):
            return True
    except subprocess.CalledProcessError:
        return False


class Network:
    """`machines` namespaces, each with an address; `cut()` takes a machine's cable out: nothing is refused, nothing comes."""

    def __init__(self, machines):
        self._tag = f"sg{os.getpid() % 100000}x{next(_NUMBERS)}"
        self._third = os.getpid() % 200 + 20
        self._count = machines
        self._made = []

    def address(self, machine):
        return f"10.213.{self._third}.{machine + 10}"

    def program(self, machine):
        """What stands before a command that is to run on that machine."""
        return ["ip", "netns", "exec", f"{self._tag}n{machine}"]

    def __enter__(self):
        bridge = f"{self._tag}b"
        try:
            self._make("link", bridge, "link", "add", "name", bridge, "type", "bridge")
            _ip("address", "add", f"10.213.{self._third}.1/24", "dev", bridge)
            _ip("link", "set", bridge, "up")
            for machine in range(self._count):
                name, cable = f"{self._tag}n{machine}", f"{self._tag}v{machine}"
                self._make("netns", name, "netns", "add", name)
                self._make("link", cable, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
                _ip("link", "set", cable, "master", bridge, "up")
                for words in (["address", "add", f"{self.address(machine)}/24", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
                    _ip("-n", name, *words)
        except subprocess.CalledProcessError:
            self.__exit__()
            raise
        return self

    def _make(self, kind, name, *words):
        _ip(*words)
        self._made.append((kind, name))

    def __exit__(self, *raised):
        for kind, name in reversed(self._made):
            subprocess.run(["ip", kind, "delete", name], check=False, capture_output=True)
        self._made = []

    def cut(self, machine):
        _ip("link", "set", f"{self._tag}v{machine}", "down")

    def mend(self, machine):
        _ip("link", "set", f"{self._tag}v{machine}", "up")


class Proxy:
    """A TCP proxy on loopback to one address. While it is cut no byte passes and no connection is refused or closed."""

    def __init__(self, target):
        self._target = target
        self._passing = threading.Event()
        self._passing.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = []
        self._is_over = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self._passing.clear()

    def mend(self):
        self._passing.set()

    def stop(self):
        self._is_over = True
        self._passing.set()
        self._listener.close()
        _shut(*self._open)

    def seen(self):
        """Of a new connection: what is told of each piece that passes to the target, and back."""
        return [lambda data: None] * 2

    def _accept(self):
        while not self._is_over:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client, *self.seen()), daemon=True).start()

    def _serve(self, client, tell_sent, tell_answered):
        self._passing.wait()
        try:
            server = socket.create_connection(self._target, timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self._open += [client, server]
        back = threading.Thread(target=self._pass, args=(server, client, tell_answered), daemon=True)
        back.start()
        self._pass(client, server, tell_sent)
        back.join()
        for one in (client, server):
            self._open.remove(one)
            one.close()

    def _pass(self, source, target, tell):
        """Until the source ends, which the target is told; what breaks ends the other direction too."""
        try:
            while True:
                data = source.recv(65536)
                self._passing.wait()
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                tell(data)
                target.sendall(data)
        except OSError:
            _shut(source, target)


def _shut(*connections):
    for one in connections:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
