"""What `aws login` does: PKCE, a proof of its own key with each request (DPoP), and the cache file that every SDK refreshes from."""
import base64
import datetime
import hashlib
import http.client
import json
import secrets
import urllib.parse
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

SAME_DEVICE = "arn:aws:signin:::devtools/same-device"
CROSS_DEVICE = "arn:aws:signin:::devtools/cross-device"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class LoginClient:
    def __init__(self, server, port=43210, is_remote=False):
        self.server = server
        self.base = f"http://localhost:{server.port}"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.verifier = secrets.token_urlsafe(48)
        self.state = str(uuid.uuid4())
        self.client_id = CROSS_DEVICE if is_remote else SAME_DEVICE
        self.redirect = f"{self.base}/v1/sessions/confirmation" if is_remote else f"http://127.0.0.1:{port}/oauth/callback"

    def authorize_path(self, **changes):
        """The address that the browser opens, without the server."""
        challenge = base64url(hashlib.sha256(self.verifier.encode()).digest())
        return "/v1/authorize?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": self.client_id, "state": self.state, "code_challenge_method": "SHA-256",
            "scope": "openid", "redirect_uri": self.redirect, "code_challenge": challenge} | changes)

    def proof(self, now, **changes):
        """A DPoP proof; `strip` cuts leading zeros of coordinates, as Java's and Go's SDKs do."""
        point = self.key.public_key().public_numbers()
        jwk = {"kty": "EC", "x": base64url(point.x.to_bytes(32)), "y": base64url(point.y.to_bytes(32)), "crv": "P-256"}
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
        payload = {"htm": "POST", "htu": f"{self.base}/v1/token", "iat": int(now), "jti": str(uuid.uuid4())} | changes
        text = ".".join(base64url(json.dumps(part).encode()) for part in (header, payload))
        r, s = utils.decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"

    def token(self, body, now, proof=None):
        """POST /v1/token: (status, error type, answer)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        headers = {"Host": f"localhost:{self.server.port}", "Content-Type": "application/json"}
        proof = self.proof(now) if proof is None else proof
        if proof:
            headers["DPoP"] = proof
        connection.request("POST", "/v1/token", body=json.dumps(body), headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, answer.headers.get("x-amzn-errortype"), json.loads(text)

    def redeem(self, code, now, **changes):
        return self.token({"clientId": self.client_id, "grantType": "authorization_code", "code": code, "codeVerifier": self.verifier,
                           "redirectUri": self.redirect} | changes, now)

    def refresh(self, token, now, **changes):
        return self.token({"clientId": self.client_id, "refreshToken": token, "grantType": "refresh_token"} | changes, now)

    def save(self, answer, folder, now):
        """The profile and cache that `aws login` leaves; (config file, cache folder)."""
        subject = json.loads(base64.urlsafe_b64decode(answer["idToken"].split(".")[1] + "=="))["sub"]
        cache = folder / "cache"
        cache.mkdir(exist_ok=True)
        pem = self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                     serialization.NoEncryption()).decode()
        expires = datetime.datetime.fromtimestamp(now + answer["expiresIn"], datetime.timezone.utc)
        name = hashlib.sha256(subject.encode()).hexdigest()
        (cache / f"{name}.json").write_text(json.dumps({
            "accessToken": answer["accessToken"] | {"accountId": subject.split(":")[4], "expiresAt": expires.strftime("%Y-%m-%dT%H:%M:%SZ")},
            "tokenType": answer["tokenType"], "clientId": self.client_id, "refreshToken": answer["refreshToken"],
            "idToken": answer["idToken"], "dpopKey": pem}))
        config = folder / "config"
        config.write_text(f"[default]\nregion = us-east-1\nlogin_session = {subject}\n")
        return config, cache
