"""Certificates for tests, made with the openssl command."""
import pathlib
import subprocess


class Certificate:
    """A self-signed certificate for 127.0.0.1, localhost and other names with its key, as PEM files in a folder. `kind`: an
    argument of `openssl req -newkey`."""

    def __init__(self, folder, kind="rsa:2048", names=()):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.chain = folder / "chain.pem"
        self.key = folder / "key.pem"
        more = ["-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else []
        subprocess.run(["openssl", "req", "-x509", "-newkey", kind, *more, "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", ",".join(["subjectAltName=IP:127.0.0.1,DNS:localhost", *(f"DNS:{name}" for name in names)]), "-keyout", self.key, "-out", self.chain],
                       check=True, capture_output=True)

    @property
    def flags(self):
        return ["--tls-cert", self.chain, "--tls-key", self.key]
