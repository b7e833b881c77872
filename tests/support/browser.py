"""A browser without a screen: keeps cookies and sends forms, for tests of what stands on the wire."""
import http.client
import re
import urllib.parse

from support import bootstrap


class Browser:
    def __init__(self, server, host=None, timeout=10, source=None):
        self.server = server
        self.timeout = timeout
        self.source = (source, 0) if source else None  # the address it comes from
        self.host = host or f"localhost:{server.port}"
        self.cookies = {}

    def request(self, method, path, form=None, headers=None):
        """The answer, with `text`; redirects are not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=self.timeout, source_address=self.source)
        sent = {"Host": self.host, "Sec-Fetch-Site": "same-origin", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=urllib.parse.urlencode(form) if form is not None else None, headers=sent | (headers or {}))
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def step(self, answer):
        """The hidden field that a page of the sign-in carries on."""
        return re.search(r'name="step" value="([^"]*)"', answer.text).group(1)

    def sign_in(self, user="admin", password="", account=bootstrap.ACCOUNT):
        page = self.request("GET", "/_console/signin")
        return self.request("POST", "/_console/signin",
                            {"step": self.step(page), "account": account, "user": user, "password": password})
