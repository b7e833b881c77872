"""What works once works once in the whole cluster: the same code, token or assertion is shown to three nodes at the same moment."""
import base64
import concurrent.futures
import copy
import json
import threading
import time
import urllib.parse

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.browser import Browser
from support.cluster import Cluster
from support.login_client import LoginClient
from support.totp import STEP, code

ROUNDS = 12
PASSWORD = "Correct-horse-1"


def seed(number):
    return base64.b32encode(bytes([number + 1] * 20)).decode()


def document():
    """The usual accounts, with people who have a device each."""
    made = copy.deepcopy(bootstrap.document())
    for number in range(2 * ROUNDS):
        made["accounts"][0]["users"].append({
            "name": f"person-{number}", "policies": [bootstrap.ADMINISTRATOR], "password": PASSWORD,
            "access_keys": [{"access_key_id": f"PERSONKEY{number:011}", "secret_access_key": f"secret of person {number}"}],
            "mfa_devices": [{"name": f"phone-{number}", "seed": seed(number)}]})
    return made


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("once"), document=document()) as running:
        yield running


def at_once(calls):
    """Runs them at the same moment, each on a thread; their answers."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def outcome(call):
    try:
        call()
        return "ok"
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def fresh_code(number):
    """A code that stays valid for some seconds."""
    while time.time() % STEP > STEP - 5:
        time.sleep(0.2)
    return code(seed(number), time.time())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_mfa_code_of_get_session_token(cluster, number):
    keys = Keys(f"PERSONKEY{number:011}", f"secret of person {number}")
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/phone-{number}"
    token = fresh_code(number)
    clients = [cluster.aws(i % 3).sts(keys) for i in range(6)]

    answers = at_once([lambda c=client: outcome(lambda: c.get_session_token(SerialNumber=serial, TokenCode=token)) for client in clients])

    assert sorted(answers) == ["AccessDenied"] * 5 + ["ok"]
    # And it stays spent.
    for client in clients[:3]:
        assert outcome(lambda c=client: c.get_session_token(SerialNumber=serial, TokenCode=token)) == "AccessDenied"


@pytest.mark.parametrize("number", range(3))
def test_the_codes_that_enable_a_device(cluster, number):
    iam = cluster.aws(0).iam(ADMIN)
    user = f"enabler-{number}"
    iam.create_user(UserName=user)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]
    text = device["Base32StringSeed"].decode()
    codes = code(text, time.time() - STEP), code(text, time.time())
    clients = [cluster.aws(i).iam(ADMIN) for i in range(3)]

    answers = at_once([lambda c=client: outcome(lambda: c.enable_mfa_device(
        UserName=user, SerialNumber=device["SerialNumber"], AuthenticationCode1=codes[0], AuthenticationCode2=codes[1])) for client in clients])

    assert answers.count("ok") == 1, answers
    assert set(answers) <= {"ok", "EntityAlreadyExists", "NoSuchEntity"}, answers


@pytest.mark.parametrize("number", range(ROUNDS, ROUNDS + 4))
def test_an_mfa_code_at_the_sign_in_page(cluster, number):
    browsers = [Browser(node) for node in cluster.nodes]
    pages = [browser.sign_in(user=f"person-{number}", password=PASSWORD) for browser in browsers]
    token = fresh_code(number)

    answers = at_once([lambda b=browser, p=page: b.request("POST", "/_console/signin/mfa", {"step": b.step(p), "code": token}).status
                       for browser, page in zip(browsers, pages)])

    assert sorted(answers) == [303, 401, 401]


@pytest.mark.parametrize("number", range(4))
def test_a_sign_in_token(cluster, number):
    sts = cluster.aws(0).sts(ADMIN)
    session = Keys.of(sts.get_federation_token(Name=f"fed-{number}", Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}))["Credentials"])
    browsers = [Browser(node) for node in cluster.nodes]
    what = json.dumps({"sessionId": session.access_key, "sessionKey": session.secret_key, "sessionToken": session.token})
    made = browsers[0].request("GET", "/federation?" + urllib.parse.urlencode({"Action": "getSigninToken", "Session": what}))
    token = json.loads(made.text)["SigninToken"]
    time.sleep(0.3)  # until every node knows it
    login = "/federation?" + urllib.parse.urlencode({"Action": "login", "Issuer": "x", "Destination": "https://console.aws.amazon.com/", "SigninToken": token})

    answers = at_once([lambda b=browser: b.request("GET", login).status for browser in browsers])

    assert answers.count(302) == 1, answers


@pytest.mark.parametrize("number", range(3))
def test_a_code_of_oauth(cluster, number):
    browser = Browser(cluster.nodes[0])
    assert browser.sign_in(password=PASSWORD).status == 303
    client = LoginClient(cluster.nodes[0])
    page = browser.request("GET", client.authorize_path())
    answer = browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": "yes"})
    granted = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))["code"]
    clients = []
    for node in cluster.nodes:
        other = copy.copy(client)
        other.server = node
        other.base = f"http://localhost:{node.port}"
        clients.append(other)

    answers = at_once([lambda c=each: c.redeem(granted, time.time())[0] for each in clients])

    assert answers.count(200) == 1, answers


def test_the_first_start(tmp_path):
    """Three nodes start at once on an empty store: one makes the account and shows its credentials."""
    cluster = Cluster(tmp_path)
    cluster.etcd.start()
    try:
        for node in cluster.nodes:
            at = node.arguments.index("--bootstrap")
            del node.arguments[at:at + 2]
        at_once([node.start for node in cluster.nodes])
        shown = [node for node in cluster.nodes if "These credentials are shown once" in node.said]
        assert len(shown) == 1
        words = shown[0].said.split()
        keys = Keys(next(word.split("=")[1] for word in words if word.startswith("AWS_ACCESS_KEY_ID=")),
                    next(word.split("=", 1)[1] for word in words if word.startswith("AWS_SECRET_ACCESS_KEY=")))
        accounts = {Aws(node.url, node.folder).sts(keys).get_caller_identity()["Account"] for node in cluster.nodes}
        assert len(accounts) == 1
    finally:
        cluster.stop()
