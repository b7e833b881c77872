"""`aws login` as the command line does it, for a browser that somebody else drives; then what a program does with it.

    aws_login.py login URL FOLDER    prints the address to open, waits for the browser to come back, and leaves the profile and the cache
                                     in FOLDER as `aws login` does
    aws_login.py who URL FOLDER      asks who the profile is, by an unmodified boto3: prints the ARN, or the error
    aws_login.py expire FOLDER       makes the credentials in the cache look expired: whoever uses them next refreshes them
"""
import http.server
import json
import os
import pathlib
import subprocess
import sys
import time
import types
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests"))

from support.login_client import LoginClient  # noqa: E402

WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>aws</title><p>Your credentials have been shared. You can close this window.</p>")

    def log_message(self, *_):
        pass


def login(url, folder):
    with http.server.HTTPServer(("127.0.0.1", 0), Callback) as listener:
        client = LoginClient(types.SimpleNamespace(port=urllib.parse.urlsplit(url).port), port=listener.server_port)
        print(url + client.authorize_path(), flush=True)
        listener.query = {}
        while "code" not in listener.query and "error" not in listener.query:
            listener.handle_request()
        assert listener.query.get("state") == client.state, listener.query
        status, _, answer = client.redeem(listener.query["code"], time.time())
        assert status == 200, answer
        client.save(answer, folder, time.time())


def who(url, folder):
    done = subprocess.run([sys.executable, "-c", WHO], capture_output=True, text=True, timeout=60, check=False, env={
        "PATH": os.environ["PATH"], "HOME": str(folder), "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_LOGIN_CACHE_DIRECTORY": str(folder / "cache"), "AWS_ENDPOINT_URL": url, "AWS_EC2_METADATA_DISABLED": "true"})
    print(done.stdout.strip() or done.stderr.strip().splitlines()[-1])


def expire(folder):
    (path,) = (folder / "cache").glob("*.json")
    cache = json.loads(path.read_text())
    cache["accessToken"]["expiresAt"] = "2020-01-01T00:00:00Z"
    path.write_text(json.dumps(cache))


if __name__ == "__main__":
    COMMANDS = {"login": login, "who": who, "expire": expire}
    *URL, FOLDER = sys.argv[2:]
    COMMANDS[sys.argv[1]](*URL, pathlib.Path(FOLDER))
