"""Makes web_identity.json, tokens for src/sts/web_identity_test.cc, with PyJWT 2.10.1: `python3 web_identity.py > web_identity.json`.

The keys are thrown away. The clock of the tests stands at NOW.
"""
import json

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

NOW = 1_790_000_000
ISSUER = "https://idp.example.com/a"
ROLE = "arn:aws:iam::111122223333:role/team/reader"
AWS = "https://aws.amazon.com/"
GOOD = {"iss": ISSUER, "sub": "subject-1", "aud": "client", "iat": NOW - 10, "exp": NOW + 600}

# Name -> claims over GOOD; None takes one away.
CASES = {
    "good": {},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "subject is a number": {"sub": 7},
    "no audience": {"aud": None},
    "no end": {"exp": None},
    "no issue time": {"iat": None},
    "end is a text": {"exp": str(NOW + 600)},
    "slash at the end": {"iss": ISSUER + "/"},
    "issuer without scheme": {"iss": "idp.example.com/a"},
    "other issuer": {"iss": "https://idp.example.com/b"},
    "plain http": {"iss": "http://idp.example.com/a"},
    "wrong audience": {"aud": "other"},
    "two audiences": {"aud": ["client", "other"]},
    "two audiences and a party": {"aud": ["x", "y"], "azp": "client"},
    "party": {"aud": "x", "azp": "client"},
    "wrong party": {"aud": "client", "azp": "other"},
    "party is a list": {"aud": "client", "azp": ["client"]},
    "expired": {"exp": NOW},
    "one second left": {"exp": NOW + 1},
    "a day old": {"iat": NOW - 24 * 3600},
    "nearly a day old": {"iat": NOW - 24 * 3600 + 1},
    "issued ahead": {"iat": NOW + 300},
    "issued too far ahead": {"iat": NOW + 301},
    "not yet": {"nbf": NOW + 301},
    "begins soon": {"nbf": NOW + 300},
    "begin is a text": {"nbf": "now"},
    "mail": {"email": "a@example.com", "email_verified": True, "amr": ["pwd", "otp"], "groups": ["admins"]},
    "mail that nobody verified": {"email": "a@example.com", "email_verified": False},
    "role": {AWS + "roles": ROLE},
    "roles": {AWS + "roles": ["arn:aws:iam::111122223333:role/x", ROLE]},
    "other role": {AWS + "roles": "arn:aws:iam::111122223333:role/x"},
    "role by pattern": {AWS + "roles": "arn:aws:iam::111122223333:role/*"},
    "no roles": {AWS + "roles": []},
    "tags": {AWS + "tags": {"principal_tags": {"Team": ["red"], "Cost": ["7"]}, "transitive_tag_keys": ["Team"]},
             AWS + "source_identity": "jane"},
    "flat tags": {AWS + "tags/principal_tags/Team": "red", AWS + "tags/principal_tags/Cost": ["7"],
                  AWS + "tags/transitive_tag_keys": "Team", AWS + "source_identity": "jane"},
    "tag with two values": {AWS + "tags": {"principal_tags": {"Team": ["red", "blue"]}}},
    "tag without value": {AWS + "tags": {"principal_tags": {"Team": []}}},
    "tag is a number": {AWS + "tags": {"principal_tags": {"Team": [7]}}},
    "tags are a list": {AWS + "tags": ["Team"]},
    "tags twice": {AWS + "tags": {"principal_tags": {"Team": ["red"]}}, AWS + "tags/principal_tags/team": "blue"},
    "reserved tag": {AWS + "tags": {"principal_tags": {"aws:x": ["red"]}}},
    "tag with a bad sign": {AWS + "tags": {"principal_tags": {"Te?m": ["red"]}}},
    "too many tags": {AWS + "tags": {"principal_tags": {f"t{i}": ["v"] for i in range(51)}}},
    "transitive key without tag": {AWS + "tags": {"principal_tags": {}, "transitive_tag_keys": ["Team"]}},
    "transitive keys are numbers": {AWS + "tags": {"principal_tags": {"Team": ["red"]}, "transitive_tag_keys": [1]}},
    "short source identity": {AWS + "source_identity": "x"},
    "reserved source identity": {AWS + "source_identity": "AWS:x1"},
    "source identity is a list": {AWS + "source_identity": ["jane"]},
    "google": {"iss": "https://accounts.google.com", "aud": "x", "azp": "google-client", "email": "a@example.com",
               "google": {"organization_number": 12345}},
    "google without scheme": {"iss": "accounts.google.com", "aud": "google-client"},
    "own": {"iss": "https://1.tokens.sts.global.api.aws"},
    "context": {"tid": "tenant-1", "kind": "workload", "level": 7, "long": "x" * 129},
}


def main():
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    big = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    published = json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": "one", "use": "sig"}
    published_rsa = json.loads(RSAAlgorithm.to_jwk(big.public_key())) | {"kid": "two", "use": "sig"}
    published_rsa.pop("key_ops", None)

    def sign(claims, by=key, algorithm="ES256", kid="one"):
        headers = {"kid": kid} if kid else {}
        return jwt.api_jws.encode(json.dumps(claims).encode(), by, algorithm=algorithm, headers=headers)

    tokens = {}
    for name, changed in CASES.items():
        claims = {k: v for k, v in (GOOD | changed).items() if v is not None}
        tokens[name] = sign(claims)
    tokens["rsa"] = sign(GOOD, big, "RS256", "two")
    tokens["signed by another"] = sign(GOOD, other)
    tokens["unknown key"] = sign(GOOD, other, kid="three")
    tokens["no key id"] = sign(GOOD, kid=None)
    tokens["hmac with the public key"] = sign(GOOD, json.dumps(published), "HS256")
    tokens["unsigned"] = jwt.api_jws.encode(json.dumps(GOOD).encode(), None, algorithm="none", headers={"kid": "one"})
    print(json.dumps({"keys": [published, published_rsa], "tokens": tokens}, indent=1))


main()
