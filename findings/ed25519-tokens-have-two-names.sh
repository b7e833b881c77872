#!/usr/bin/env bash
# PyJWT 2.15.1, joserfc 1.8.0, jwcrypto 1.6.1: the same Ed25519 signature is accepted or refused by the name it goes under.
#
# Guess: a year after RFC 9864 gave the algorithm the name Ed25519 and deprecated EdDSA, a key set whose key says
#        "alg":"Ed25519" serves a token of either name, at least where the caller allows both.
# Seen:  no name works everywhere. PyJWT reads no key that says Ed25519 (PyJWKError) and refuses a token that says so; joserfc
#        allows neither name unless asked, warns that EdDSA is deprecated, and then wants key and token to say the same;
#        jwcrypto takes any mixture. Only a key without "alg" and a token that says EdDSA pass in all three.
# Why it matters: an issuer that moves to the new name, in its keys alone or in its tokens alone, is cut off from part of its
#        clients, although nothing about the key or the signature changed. Publish Ed25519 keys without "alg".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install pyjwt==2.15.1 cryptography==50.0.2 joserfc==1.8.0 jwcrypto==1.6.1
"$work/venv/bin/python" -W ignore - <<'PYTHON'
import base64
import json

import joserfc.jwk
import joserfc.jwt
import jwcrypto.jwk
import jwcrypto.jwt
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

private = Ed25519PrivateKey.generate()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(alg):
    signed = b64(json.dumps({"alg": alg, "typ": "JWT"}).encode()) + "." + b64(b'{"sub":"someone"}')
    return signed + "." + b64(private.sign(signed.encode()))


def key(alg):
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(public), **({"alg": alg} if alg else {})}


BOTH = ["EdDSA", "Ed25519"]
READERS = {
    "PyJWT": lambda text, jwk: jwt.decode(text, jwt.PyJWK(jwk), algorithms=BOTH),
    "joserfc": lambda text, jwk: joserfc.jwt.decode(text, joserfc.jwk.OKPKey.import_key(jwk)),
    "joserfc, both allowed": lambda text, jwk: joserfc.jwt.decode(text, joserfc.jwk.OKPKey.import_key(jwk), algorithms=BOTH),
    "jwcrypto": lambda text, jwk: jwcrypto.jwt.JWT(jwt=text, key=jwcrypto.jwk.JWK(**jwk), algs=BOTH),
}


def outcome(read, alg, key_alg):
    try:
        read(token(alg), key(key_alg))
        return "yes"
    except Exception as error:
        return type(error).__name__


seen = {}
for name, read in READERS.items():
    for key_alg in (None, "EdDSA", "Ed25519"):
        for alg in BOTH:
            seen[name, key_alg, alg] = outcome(read, alg, key_alg)
            print(f"{name}: key says {key_alg}, token says {alg}: {seen[name, key_alg, alg]}")

accepted = {case for case, what in seen.items() if what == "yes"}
expected = {("PyJWT", None, "EdDSA"), ("PyJWT", "EdDSA", "EdDSA")}
expected |= {("joserfc, both allowed", k, a) for k in (None, "EdDSA", "Ed25519") for a in BOTH if k in (None, a)}
expected |= {("jwcrypto", k, a) for k in (None, "EdDSA", "Ed25519") for a in BOTH}
assert accepted == expected, accepted ^ expected
assert seen["PyJWT", "Ed25519", "Ed25519"] == "PyJWKError"
PYTHON
