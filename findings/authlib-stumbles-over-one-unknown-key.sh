#!/usr/bin/env bash
# Authlib 1.9.10: one key of a type it does not know makes a whole JWK set unusable, with a KeyError that is no JOSE error.
#
# Guess: Authlib and joserfc (of the same author) read sets strictly and raise a JOSE error for a set with a post-quantum key in it
#        (kty AKP); PyJWT and jose pass over that key, as RFC 7517 section 5 asks for.
# Seen:  Authlib's import_key_set raises the built-in KeyError('AKP'), which `except JoseError` does not catch; joserfc 1.8.0,
#        PyJWT 2.15.1 and jose 6.2.18 verify the token with the ES256 key beside it. The same for a type that
#        nobody knows.
# Why it matters: an issuer that adds a post-quantum key to its JWKS signs nobody out with three of these verifiers and everybody with
#        the fourth, though it goes on signing with the old key.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install authlib==1.9.10 joserfc==1.8.0 pyjwt==2.15.1 cryptography==50.0.2
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit jose@6.2.18 >/dev/null)
"$work/venv/bin/python" -W ignore - "$work/case.json" >"$work/seen" <<'PYTHON'
import base64
import json
import sys
import time

import jwt
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwk, jwt as joserfc_jwt

key = ec.generate_private_key(ec.SECP256R1())
good = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())), "kid": "a", "use": "sig", "alg": "ES256"}
post_quantum = {"kty": "AKP", "kid": "b", "alg": "ML-DSA-44", "use": "sig",
                "pub": base64.urlsafe_b64encode(b"\1" * 1312).decode().rstrip("=")}
token = jwt.encode({"sub": "s", "exp": int(time.time()) + 600}, key, algorithm="ES256", headers={"kid": "a"})
keys = {"keys": [good, post_quantum]}
with open(sys.argv[1], "w") as file:
    json.dump({"token": token, "keys": keys}, file)


def outcome(verify):
    try:
        verify()
        return "verified"
    except JoseError as error:
        return f"JoseError {error}"
    except Exception as error:
        return f"{type(error).__name__} {error}"


print("authlib:", outcome(lambda: JsonWebToken(["ES256"]).decode(token, JsonWebKey.import_key_set(keys)).validate()))
print("joserfc:", outcome(lambda: joserfc_jwt.decode(token, jwk.KeySet.import_key_set(keys), algorithms=["ES256"])))
print("PyJWT:", outcome(lambda: jwt.decode(token, jwt.PyJWKSet.from_dict(keys)["a"].key, algorithms=["ES256"])))
PYTHON
cat >"$work/verify.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const { token, keys } = JSON.parse(readFileSync("case.json"));
const said = await jwtVerify(token, createLocalJWKSet(keys)).then(() => "verified", (error) => error.code);
console.log(`jose: ${said}`);
JS
(cd "$work" && node verify.mjs) >>"$work/seen"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
authlib: KeyError 'AKP'
joserfc: verified
PyJWT: verified
jose: verified
EXPECTED
