#!/usr/bin/env bash
# Python fido2 2.2.1 offers post-quantum signatures to every authenticator by default; webauthn 3.0.1 and SimpleWebAuthn 14.0.3
# offer the three classical ones.
#
# Guess: all relying-party libraries offer EdDSA, ES256 and RS256 (COSE -8, -7, -257) in some order, and no more.
# Seen:  webauthn and SimpleWebAuthn do, in the order -8, -7, -257. fido2 offers ten, ES256 first, among them ML-DSA-44, -65 and -87
#        (-48, -49, -50), beside ES384, ES512, PS256 and ES256K.
# Why it matters: an authenticator picks the first it knows, so the same key registers with EdDSA at two of them and with ES256 at
#        the third, and a store that sizes its column for an elliptic-curve key cannot hold what the third one asked for
#        (an ML-DSA-44 public key alone is 1,312 bytes).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install webauthn==3.0.1 fido2==2.2.1 cryptography==50.0.2
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit @simplewebauthn/server@14.0.3 >/dev/null)
"$work/venv/bin/python" >"$work/seen" <<'PYTHON'
import json

import webauthn
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity

options = webauthn.generate_registration_options(rp_id="localhost", rp_name="x", user_name="alice")
print("webauthn", [item["alg"] for item in json.loads(webauthn.options_to_json(options))["pubKeyCredParams"]])
server = Fido2Server(PublicKeyCredentialRpEntity(id="localhost", name="x"))
begun, _ = server.register_begin(PublicKeyCredentialUserEntity(id=b"a", name="alice"))
print("fido2", [item["alg"] for item in dict(begun)["publicKey"]["pubKeyCredParams"]])
PYTHON
cat >"$work/offer.mjs" <<'JS'
import { generateRegistrationOptions } from "@simplewebauthn/server";

const options = await generateRegistrationOptions({ rpName: "x", rpID: "localhost", userName: "alice" });
console.log(`SimpleWebAuthn [${options.pubKeyCredParams.map((item) => item.alg).join(", ")}]`);
JS
(cd "$work" && node offer.mjs) >>"$work/seen"
cat "$work/seen"
diff "$work/seen" - <<'EXPECTED'
webauthn [-8, -7, -257]
fido2 [-7, -8, -35, -36, -37, -257, -47, -48, -49, -50]
SimpleWebAuthn [-8, -7, -257]
EXPECTED
