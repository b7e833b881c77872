"""An issuer of web identity tokens on loopback: keys and tokens of PyJWT, discovery document and key set over TLS."""
import contextlib
import http.server
import json
import ssl
import threading
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}


class SigningKey:
    """A key of one algorithm, with the id that tokens name it by."""

    def __init__(self, key_id, algorithm="ES256"):
        self.id = key_id
        self.algorithm = algorithm
        curve = _CURVES.get(algorithm)
        self._key = ec.generate_private_key(curve()) if curve else rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def jwk(self):
        kind = ECAlgorithm if self.algorithm in _CURVES else RSAAlgorithm
        published = json.loads(kind.to_jwk(self._key.public_key()))
        published.pop("key_ops", None)
        return published | {"kid": self.id, "use": "sig", "alg": self.algorithm}

    def sign(self, claims, **headers):
        return jwt.encode(claims, self._key, algorithm=self.algorithm, headers={"kid": self.id} | headers)


class Issuer:
    """`url` is what its tokens say; `keys` what it publishes. `asked` are the paths that somebody has asked for."""

    def __init__(self, url, *keys):
        self.url = url
        self.host, _, path = url.removeprefix("https://").partition("/")
        self.path = f"/{path}" if path else ""
        self.keys = list(keys) or [SigningKey("key-1")]
        self.asked = []
        self.answers = {}  # path -> (status, headers, body) in the place of what it says by itself
        self.delay = 0

    def token(self, key=None, **changes):
        """A token that is good for ten minutes; None takes a claim away."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": "subject-1", "aud": "sts.amazonaws.com", "iat": now, "exp": now + 600} | changes
        return (key or self.keys[0]).sign({name: value for name, value in claims.items() if value is not None})

    def key_set(self):
        return {"keys": [key.jwk for key in self.keys]}

    def answer(self, path):
        if path in self.answers:
            return self.answers[path]
        if path == f"{self.path}/.well-known/openid-configuration":
            return 200, {}, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"})
        if path == f"{self.path}/keys":
            return 200, {}, json.dumps(self.key_set())
        return 404, {}, ""


@contextlib.contextmanager
def served(certificate, *issuers):
    """Serves the issuers, each under its host name, on one port of loopback, which is the value."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            issuer = next((one for one in issuers if one.host == self.headers["Host"]), None)
            if issuer is None:
                self.send_error(421)
                return
            issuer.asked.append(self.path)
            time.sleep(issuer.delay)
            status, headers, body = issuer.answer(self.path)
            data = body.encode()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(data))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_arguments):
            pass

    class QuietServer(http.server.ThreadingHTTPServer):
        def handle_error(self, _request, _address):
            pass  # a client that does not like the certificate

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
