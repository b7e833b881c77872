"""Certificate authorities made with OpenSSL's command line, and requests signed with their certificates as Roles Anywhere's
clients sign them."""
import base64
import dataclasses
import datetime
import hashlib
import http.client
import json
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from support.openssl import Certificate, OpenSsl

AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
END_ENTITY = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n"

CA_CONFIG = """[ca]
default_ca = this
[this]
database = {name}.index
crlnumber = {name}.number
default_md = sha256
default_crl_days = 30
"""


class Pki(OpenSsl):
    """Makes authorities and end entities in a folder."""

    def authority(self, name="Authority", issuer=None, kind="ec", extensions=AUTHORITY, days=30):
        return self.issue(f"/C=DE/O=Example/CN={name}", issuer, extensions, kind=kind, days=days)

    def end_entity(self, issuer, subject="/C=DE/O=Example/OU=Plant/CN=machine-1", extensions=END_ENTITY, **more):
        return self.issue(subject, issuer, extensions, **more)

    def issue(self, subject, issuer, extensions, kind="ec", days=30, digest="sha256"):
        """Signed by itself where there is no issuer. Negative days: it has expired."""
        self._count += 1
        made = Certificate(self.folder, f"certificate-{self._count}")
        options = {"ec": ("EC", "ec_paramgen_curve:P-256"), "rsa": ("RSA", "rsa_keygen_bits:2048"),
                   "p384": ("EC", "ec_paramgen_curve:P-384"), "small": ("RSA", "rsa_keygen_bits:1024")}[kind]
        self.run("genpkey", "-algorithm", options[0], "-pkeyopt", options[1], "-out", f"{made.name}.key")
        self.run("req", "-new", "-key", f"{made.name}.key", "-subj", subject, "-out", f"{made.name}.csr")
        (self.folder / "extensions").write_text(extensions, encoding="ascii")
        signer = ["-signkey", f"{made.name}.key"] if issuer is None else [
            "-CA", f"{issuer.name}.pem", "-CAkey", f"{issuer.name}.key", "-CAcreateserial"]
        self.run("x509", "-req", "-in", f"{made.name}.csr", *signer, "-days", str(days), f"-{digest}", "-extfile", "extensions",
                 "-out", f"{made.name}.pem")
        return made

    def revocation_list(self, issuer, *revoked):
        """PEM, of an authority."""
        name = issuer.name
        (self.folder / f"{name}.cnf").write_text(CA_CONFIG.format(name=name), encoding="ascii")
        (self.folder / f"{name}.index").write_text("", encoding="ascii")
        (self.folder / f"{name}.number").write_text("01\n", encoding="ascii")
        flags = ["-config", f"{name}.cnf", "-cert", f"{name}.pem", "-keyfile", f"{name}.key"]
        for certificate in revoked:
            self.run("ca", *flags, "-revoke", f"{certificate.name}.pem")
        self.run("ca", *flags, "-gencrl", "-out", f"{name}.crl")
        return (self.folder / f"{name}.crl").read_text(encoding="ascii")


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    code: str | None
    body: dict

    @property
    def message(self):
        return self.body.get("message")


def der(pem):
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)


def serial(certificate):
    return x509.load_pem_x509_certificate(certificate.pem.encode()).serial_number


class SessionRequest:
    """A CreateSession, to be changed before it is sent."""

    def __init__(self, server, certificate, anchor, profile, role, chain=(), region="us-east-1", **body):
        self.server, self.certificate, self.region, self.body = server, certificate, region, body
        self.query = {"profileArn": profile, "roleArn": role, "trustAnchorArn": anchor}
        self.now = datetime.datetime.now(datetime.timezone.utc)
        self.service, self.method = "rolesanywhere", "POST"
        self.key = serialization.load_pem_private_key(certificate.key.encode(), None)
        self.serial = serial(certificate)
        self.algorithm = f"AWS4-X509-{'ECDSA' if isinstance(self.key, ec.EllipticCurvePrivateKey) else 'RSA'}-SHA256"
        self.headers = {"Content-Type": "application/json", "X-Amz-X509": base64.b64encode(der(certificate.pem)).decode()}
        if chain:
            self.headers["X-Amz-X509-Chain"] = ",".join(base64.b64encode(der(one.pem)).decode() for one in chain)
        self.unsigned = ()  # names of headers that the signature leaves out
        self.after = {}  # headers that are put in or changed when the signature is made

    def _sign(self, text):
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(text, ec.ECDSA(hashes.SHA256()))
        return self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())

    def send(self):
        host, body = f"127.0.0.1:{self.server.port}", json.dumps(self.body)
        stamp = self.now.strftime("%Y%m%dT%H%M%SZ")
        headers = self.headers | {"Host": host, "X-Amz-Date": stamp}
        query = "&".join(f"{name}={urllib.parse.quote(value, safe='-_.~')}" for name, value in sorted(self.query.items()))
        signed = {name.lower(): value for name, value in headers.items() if name.lower() not in self.unsigned}
        canonical = "\n".join([self.method, "/sessions", query, *(f"{name}:{signed[name].strip()}" for name in sorted(signed)), "",
                               ";".join(sorted(signed)), hashlib.sha256(body.encode()).hexdigest()])
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        text = "\n".join([self.algorithm, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        headers["Authorization"] = (f"{self.algorithm} Credential={self.serial}/{scope}, SignedHeaders={';'.join(sorted(signed))}, "
                                    f"Signature={self._sign(text.encode()).hex()}")
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request(self.method, f"/sessions?{query}", body.encode(), headers | self.after)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, answer.headers.get("x-amzn-ErrorType"), json.loads(text))
