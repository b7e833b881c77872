"""Certificates that the openssl command line makes."""
import dataclasses
import pathlib
import subprocess


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A certificate and its private key, as PEM, and the files they are in."""

    folder: pathlib.Path
    name: str

    @property
    def pem(self):
        return (self.folder / f"{self.name}.pem").read_text(encoding="ascii")

    @property
    def key(self):
        return (self.folder / f"{self.name}.key").read_text(encoding="ascii")


class OpenSsl:
    """Makes certificates in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self._count = 0

    def run(self, *arguments):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, text=True,
                              timeout=60).stdout

    def certificate(self, common_name="example.com", issuer=None, ca=False, days=30, kind="ec"):
        """Signed by itself, or by an issuer. Negative days: it has expired."""
        self._count += 1
        made = Certificate(self.folder, f"certificate-{self._count}")
        options = {"ec": ("EC", "ec_paramgen_curve:P-256"), "rsa": ("RSA", "rsa_keygen_bits:2048")}[kind]
        self.run("genpkey", "-algorithm", options[0], "-pkeyopt", options[1], "-out", f"{made.name}.key")
        self.run("req", "-new", "-key", f"{made.name}.key", "-subj", f"/CN={common_name}", "-out", f"{made.name}.csr")
        (self.folder / "extensions").write_text(f"basicConstraints=critical,CA:{'TRUE' if ca else 'FALSE'}\n"
                                                "subjectKeyIdentifier=hash\n", encoding="ascii")
        signer = ["-signkey", f"{made.name}.key"] if issuer is None else ["-CA", f"{issuer.name}.pem", "-CAkey",
                                                                          f"{issuer.name}.key", "-CAcreateserial"]
        self.run("x509", "-req", "-in", f"{made.name}.csr", *signer, "-days", str(days), "-extfile", "extensions", "-out",
                 f"{made.name}.pem")
        return made

    def encrypted(self, certificate):
        """Its private key, encrypted."""
        return self.run("pkcs8", "-topk8", "-in", f"{certificate.name}.key", "-passout", "pass:secret")

    def field(self, certificate, *option):
        """What `openssl x509` prints about one."""
        return self.run("x509", "-noout", "-in", f"{certificate.name}.pem", *option).strip()


# Certificates that are valid until 2120, and the key of the first.
STANDING = """-----BEGIN CERTIFICATE-----
MIIBZDCCAQqgAwIBAgICEAMwCgYIKoZIzj0EAwIwGDEWMBQGA1UEAwwNb3RoZXIu
ZXhhbXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGDEWMBQG
A1UEAwwNb3RoZXIuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEhE
SkomC9OnuyvrFT8XKUf+ETSZ3SvdLnPpyU378ZG5hPdaKvtHfTnaSxFoMmFwBkCb
5Iq4vfkDKEFJ2sIz7C2jQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD
AgEGMB0GA1UdDgQWBBTDXbCre0RAoFaibJV9XMlu0w0usjAKBggqhkjOPQQDAgNI
ADBFAiEAkw233lmY7yTEGX1AbQxR3tyUwi3vBEFrxxqd2P8vsqwCIGofK3qtijG0
Vd2mvV5VkYp7odJNNNp4FtKhEFB4cCnA
-----END CERTIFICATE-----
"""
STANDING_KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgTt9CbyuV+PfC+TY9
1zltbc3APeecXw9+k38JGEcu0ByhRANCAARIREpKJgvTp7sr6xU/FylH/hE0md0r
3S5z6clN+/GRuYT3Wir7R3052ksRaDJhcAZAm+SKuL35AyhBSdrCM+wt
-----END PRIVATE KEY-----
"""
ANOTHER = """-----BEGIN CERTIFICATE-----
MIIBYTCCAQigAwIBAgICEAAwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMcm9vdC5l
eGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAXMRUwEwYD
VQQDDAxyb290LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT1uBX3
hZ228eamORC1N4AhUa5ndm4X8fqfoHz2yEcVe74xGvxjemPoL3IVD9GusoYeczcx
xNt9B5+uu9WLSZmPo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIB
BjAdBgNVHQ4EFgQUkpXYpSurHm5lYP4wCEUCcUWqzScwCgYIKoZIzj0EAwIDRwAw
RAIgUhnbd8/Q6T6RXrdA7Dy5MQ+8yjsLIUxpaZJUJG5Y2TICIEZeRXFC+Xovnvxv
388cgkhqlLDTIFO3aWTM7GzN3wtD
-----END CERTIFICATE-----
"""
