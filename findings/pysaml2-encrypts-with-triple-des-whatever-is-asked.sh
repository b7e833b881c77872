#!/usr/bin/env bash
# pysaml2 7.5.5 encrypts assertions with triple DES, whatever the service's metadata asks for. (Needs openssl and xmlsec1.)
#
# Guess: an identity provider of today encrypts with AES, and takes the algorithm from <md:EncryptionMethod> in the metadata of the service that
#        it encrypts for, as SAML 2.0's metadata has it for exactly that.
# Seen:  the metadata asks for AES-256-GCM alone; the assertion has EncryptionMethod tripledes-cbc. There is no setting for it: the
#        name of the algorithm and of xmlsec's key kind are defaults of functions that nobody passes anything else to.
# Why it matters: NIST withdrew triple DES for encryption after 2023, and who receives such assertions (a server that refuses the old algorithms,
#        or a FIPS build of OpenSSL) cannot open what this provider sends.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install pysaml2==7.5.5
for who in idp sp; do
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$who" -keyout "$work/$who.key" -out "$work/$who.pem" 2> "$work/openssl.log"
done
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import pathlib
import re

import saml2
import saml2.config
import saml2.server
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID

AES = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
certificate = "".join(pathlib.Path("sp.pem").read_text().splitlines()[1:-1])
pathlib.Path("sp.xml").write_text(f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example.com">
<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="encryption">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<md:EncryptionMethod Algorithm="{AES}"/></md:KeyDescriptor>
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.com/acs" index="0"/>
</md:SPSSODescriptor></md:EntityDescriptor>""")
config = saml2.config.IdPConfig().load({
    "entityid": "https://idp.example.com", "key_file": "idp.key", "cert_file": "idp.pem", "metadata": {"local": ["sp.xml"]},
    "service": {"idp": {"endpoints": {"single_sign_on_service": [("https://idp.example.com/sso", saml2.BINDING_HTTP_POST)]},
                        "policy": {"default": {"lifetime": {"minutes": 5}}}}}})
server = saml2.server.Server(config=config)
response = str(server.create_authn_response(
    {"mail": ["alice@example.com"]}, "_asked", "https://sp.example.com/acs", "https://sp.example.com",
    name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="alice"), encrypt_assertion=True, sign_assertion=True,
    authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}))
used = re.findall(r'EncryptionMethod Algorithm="([^"]+)"', response)
print("asked for:", AES)
print("used:     ", used)
assert used[0] == "http://www.w3.org/2001/04/xmlenc#tripledes-cbc" and AES not in response, used
PYTHON
