"""The world in which the clients of the matrix run."""
import http.server
import json
import threading
import time

from support import bootstrap, totp
from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN, NOBODY
from support.browser import Browser
from support.issuer import SigningKey
from support.login_client import LoginClient
from support.people import WITH_MFA, allow, create_user, policy, trust
from support.server import Clock, Server
from relay import Relay

ISSUER = "https://idp.example.com"
BUCKET = "seen-by-clients"
PASSWORD = "Correct-horse-2"
DEVELOPER = f"arn:aws:iam::{ACCOUNT}:user/developer"


class World:
    """A server that records, with a person who has MFA, roles for all flows, and what their providers read. `relay` leads to it and shows what was sent."""

    def __init__(self, folder):
        self.folder = folder
        document = bootstrap.document()
        document["accounts"][0]["root"]["password"] = "Correct-horse-1"  # as accounts on AWS have one
        (folder / "bootstrap.json").write_text(json.dumps(document))
        self.issuer_key = SigningKey("k1", "RS256")
        (folder / "keys.json").write_text(json.dumps({"keys": [self.issuer_key.jwk]}))
        self.trail = folder / "audit.jsonl"
        self.server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", "--audit", self.trail,
                              "--oidc-jwks", f"{ISSUER}={folder / 'keys.json'}"], folder).start()
        self.aws = Aws(self.server.url, folder)
        self.relay = Relay(self.server.port)
        self.later = lambda: "end"  # what a client is answered that asks whether to go on; may move the clocks
        self.tested = ""  # the flow
        self._shifted, self.clock_file = 0, folder / "clock"
        self.clock_file.write_text("+0")
        self._make_people(self.aws.iam(ADMIN))
        self._devices, self._seed, self._step = 0, None, 0
        self._codes = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._code_handler())
        self.codes_url = f"http://127.0.0.1:{self._codes.server_port}/code"
        self.later_url = f"http://127.0.0.1:{self._codes.server_port}/later"
        threading.Thread(target=self._codes.serve_forever, daemon=True).start()

    def _make_people(self, iam):
        self.aws.s3(ADMIN).create_bucket(Bucket=BUCKET)
        self.nobody = NOBODY
        _, self.reader = create_user(iam, "reader")
        iam.attach_user_policy(UserName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
        create_user(iam, "two-keys")  # from the start, since a credential report is good for four hours
        iam.create_access_key(UserName="two-keys")
        user, self.person = create_user(iam, "person")
        read = {"PolicyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}
        self.role, self.role_mfa, self.role_web = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("plain", "mfa", "web"))
        iam.create_role(RoleName="plain", AssumeRolePolicyDocument=trust(user["Arn"]))
        iam.create_role(RoleName="mfa", AssumeRolePolicyDocument=trust(user["Arn"], **WITH_MFA))
        provider = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["matrix"])["OpenIDConnectProviderArn"]
        iam.create_role(RoleName="web", AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
             "Condition": {"StringEquals": {"idp.example.com:aud": "matrix"}}}))
        create_user(iam, "developer")  # who signs in without MFA
        iam.create_login_profile(UserName="developer", Password=PASSWORD)
        iam.attach_user_policy(UserName="developer", PolicyArn="arn:aws:iam::aws:policy/SignInLocalDevelopmentAccess")
        for name in ("plain", "mfa"):
            iam.attach_role_policy(RoleName=name, **read)
        iam.put_user_policy(UserName="person", PolicyName="person", PolicyDocument=policy(
            allow("s3:ListAllMyBuckets", **WITH_MFA),
            allow(["iam:CreateRole", "iam:AttachRolePolicy", "iam:ListAttachedRolePolicies", "iam:DetachRolePolicy", "iam:DeleteRole",
                   "iam:GetRole"])))

    def fresh_device(self):
        """Another MFA device for the person, so that no code was used before; its serial number."""
        iam, self._devices = self.aws.iam(ADMIN), self._devices + 1
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"device-{self._devices}")["VirtualMFADevice"]
        seed, now = made["Base32StringSeed"], self.now()
        for old in iam.list_mfa_devices(UserName="person")["MFADevices"]:
            iam.deactivate_mfa_device(UserName="person", SerialNumber=old["SerialNumber"])
        iam.enable_mfa_device(UserName="person", SerialNumber=made["SerialNumber"],
                              AuthenticationCode1=totp.code(seed, now - 30), AuthenticationCode2=totp.code(seed, now))
        self._seed, self._step = seed, int(now) // totp.STEP
        return made["SerialNumber"]

    def code(self):
        """One that was not used before; a step ahead of the time is good too."""
        self._step = max(self._step + 1, int(self.now()) // totp.STEP)
        return totp.code(self._seed, self._step * totp.STEP)

    def now(self):
        """What the server takes for the present, and every client that reads `clock_file`."""
        return time.time() + self._shifted

    def shift(self, seconds):
        """Moves the server's clock and that of the clients."""
        Clock(self.server).shift(seconds)
        self._shifted += seconds
        self.clock_file.write_text(f"{self._shifted:+d}")

    def log_in(self, ended_for=0):
        """The developer does what `aws login` and its browser do; (config file, cache folder). `ended_for`: seconds since the credentials ended."""
        browser = Browser(self.server)
        assert browser.sign_in("developer", PASSWORD).status == 303
        client = LoginClient(self.server)
        page = browser.request("GET", client.authorize_path())
        answer = browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": "yes"})
        code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
        status, _, made = client.redeem(code, self.now())
        assert status == 200, made
        return client.save(made, self.folder, self.now() - (made["expiresIn"] + ended_for if ended_for else 0))

    def _code_handler(self):
        world = self

        class Codes(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = (world.later() if self.path == "/later" else world.code()).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Codes

    def close(self):
        self._codes.shutdown()
        self.relay.stop()
        assert self.server.stop() == 0
