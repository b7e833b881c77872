"""SAML identity providers for tests, with keys of their own: samlify, under Node.js (tests/conformance/js/saml_response.mjs), and
pysaml2."""
import base64
import functools
import json
import os
import pathlib
import shutil
import subprocess

from support.certificates import Certificate
from support.server import ROOT

JS = pathlib.Path(__file__).parent.parent / "conformance" / "js"
MODULES = ROOT / "build" / "js" / "node_modules"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
RECIPIENT = "https://signin.aws.amazon.com/saml"

# Of a provider whose keys nobody needs: what samlify's getMetadata() gave once.
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:assertion="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.com/saml"><IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<ds:X509Data><ds:X509Certificate>
MIIDFzCCAf+gAwIBAgIUaAsmHAIg9Ym2ysNhxIpaQZfoNJowDQYJKoZIhvcNAQELBQAwGjEYMBYGA1UEAwwPaWRwLmV4YW1wbGUuY29tMCAXDTI2MTEzMDA2
MTAyMVoYDzIxMjYxMTA2MDYxMDIxWjAaMRgwFgYDVQQDDA9pZHAuZXhhbXBsZS5jb20wggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQChCSn5G0EA
WCvt/SqN89BI4/wivsS4K462+HAA51fcsUTCU1q832rpRsgqJMCXvTnmDZ60v+XK+rYB8N7tBxCqrRcsB++K/kLZeJOzAFtgPxeEs4/lBQFH9x8jZWFd7PH5
fAJHlr0O8PIuZPpFyPIZatx3dRbIp0FM0MmHP2hIZgqP8sgi+zmBVoHBeVuxCes8B7ygPFT/KwN/7n8HbTaOS30gPPgOFAPejZGGr4pP23XSSITtTfq8J8Yr
06S3tWON6NNfDqN2wtFJbd4RhGJwAGoBk958DGf35/M/942LoKSICQTfTkbsWIyyapi3HCiNPm6bDR6TwJhi5TLftVz9AgMBAAGjUzBRMB0GA1UdDgQWBBTd
kr9CwdihPHxTpP6S2X00+zAUyTAfBgNVHSMEGDAWgBTdkr9CwdihPHxTpP6S2X00+zAUyTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQAP
r2h7QTEwNbopGaXXYZ0DPP2yqXYRuNhdstHdcfflaq/8YGlrFvpN/rg8xEyyH5Vh538HBzmvLsCdFigfbI4zXUQzNHWHovI5ZNhTQOMVKIzJgIZrdANntJ6D
asmJL2VUs2OGnvaq6bm/JSPXlGZDzfaKxZ4uGELUf4KtSVFqZRyi5AqS4We+wyzJ6I24vNmefax2jJUshzc2dTUbpFyIXzWu19fC7oQ75DegcpqtjnE4reJZ
bsmkx4F9L1X95jXkAKYuqyPIIGqdOjK3DHHPL1AhFIRSrlyphAWXPqXMgEYNK4g/aSLIjkv0gL1EJAlHN+24PhHa4RqOVq+WGKMq
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor><NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"></SingleSignOnService></IDPSSODescriptor></EntityDescriptor>"""


class IdentityProvider:
    """Signs with RSA and SHA-256; `sign`: the assertion, or the response around it."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        certificate = Certificate(self._folder / "idp")
        self._key, self._certificate = certificate.key.read_text(), certificate.chain.read_text()
        shutil.copy(JS / "saml_response.mjs", self._folder)
        if not (self._folder / "node_modules").exists():
            (self._folder / "node_modules").symlink_to(MODULES)

    def metadata(self):
        return self._ask([])["metadata"]

    def respond(self, *people, sign="assertion", encrypt_for=None, recipient=RECIPIENT):
        """A response, base64, for each of the people: (NameID, attributes)."""
        asked = [{"name_id": name, "attributes": attributes} for name, attributes in people]
        return self._ask(asked, sign, encrypt_for, recipient)["responses"]

    def _ask(self, people, sign="assertion", encrypt_for=None, recipient=RECIPIENT):
        assert MODULES.is_dir(), "run ./test --conformance: it installs the JavaScript packages into build/js"
        asked = {"key": self._key, "certificate": self._certificate, "people": people, "sign": sign, "encrypt_for": encrypt_for,
                 "recipient": recipient}
        done = subprocess.run(["node", "saml_response.mjs"], cwd=self._folder, env=dict(os.environ, SAML_REQUEST=json.dumps(asked)),
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


# What pysaml2 has to know of AWS.
SERVICE = f"""<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:amazon:webservices">
<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="1" isDefault="true"
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{RECIPIENT}"/></SPSSODescriptor></EntityDescriptor>"""


class PySaml2:
    """The same with pysaml2, for which xmlsec1's command line signs and encrypts. `cipher`: an algorithm and xmlsec1's name of its keys, in the
    place of triple DES, which pysaml2 encrypts with whatever its settings are."""

    def __init__(self, folder):
        import saml2
        import saml2.config
        import saml2.server

        folder = pathlib.Path(folder)
        certificate = Certificate(folder / "pysaml2")
        (folder / "aws.xml").write_text(SERVICE)
        self._config = saml2.config.IdPConfig().load({
            "entityid": "https://idp.example.com/saml",
            "key_file": str(certificate.key),
            "cert_file": str(certificate.chain),
            "service": {"idp": {"endpoints": {"single_sign_on_service": [("https://idp.example.com/sso", saml2.BINDING_HTTP_POST)]},
                                "policy": {"default": {"lifetime": {"minutes": 5}}}}},
            "metadata": {"local": [str(folder / "aws.xml")]},
        })
        self._server = saml2.server.Server(config=self._config)
        self._encrypt = self._server.sec.encrypt_assertion

    def _encrypt_with(self, cipher, statement, certificate, template, node_xpath=None):
        template.encryption_method.algorithm, key_type = cipher
        return self._encrypt(statement, certificate, template, key_type, node_xpath)

    def metadata(self):
        import saml2.metadata

        return str(saml2.metadata.entity_descriptor(self._config))

    def respond(self, *people, sign="assertion", encrypt_for=None, cipher=None, recipient=RECIPIENT):
        from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID

        self._server.sec.encrypt_assertion = functools.partial(self._encrypt_with, cipher) if cipher else self._encrypt
        encryption = {"encrypt_assertion": True, "encrypt_cert_assertion": encrypt_for} if encrypt_for else {}
        return [base64.b64encode(str(self._server.create_authn_response(
            attributes, "_asked", recipient, "urn:amazon:webservices", name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=name),
            sign_assertion=sign == "assertion", sign_response=sign == "response", authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
            sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", digest_alg="http://www.w3.org/2001/04/xmlenc#sha256", **encryption,
        )).encode()).decode() for name, attributes in people]


def role_attributes(*roles, session="alice@example.com", **more):
    """Attributes that AWS reads: pairs of role and provider, the session's name, and others by their short names."""
    names = {"Role": [f"{role},{provider}" for role, provider in roles], "RoleSessionName": [session], **more}
    return {ATTRIBUTES + name: values for name, values in names.items()}
