"""The server's address: a page for people, XML for programs."""
import http.client

import pytest

from support import bootstrap
from support.aws import refused

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(server, target, host="127.0.0.1", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", target, headers={"Host": f"{host}:{server.port}", **headers})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers["Content-Type"], body


def test_a_browser_gets_a_page(server):
    status, kind, body = get(server, "/", Accept=BROWSER)
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert "This is a Signet server" in body and 'href="/_console/"' in body and 'href="/_signet/health"' in body


@pytest.mark.parametrize("accept", ["*/*", "application/xml", ""])
def test_other_programs_get_what_s3_says(server, accept):
    status, kind, body = get(server, "/", Accept=accept)
    assert (status, kind) == (403, "application/xml")
    assert "<Code>AccessDenied</Code>" in body


def test_s3_clients_are_as_before(server, aws):
    with refused("AccessDenied"):
        aws.s3(None).list_buckets()
    assert aws.s3(bootstrap.ADMIN).list_buckets()["Buckets"] == []


def test_a_bucket_is_no_page(server):
    assert get(server, "/some-bucket", Accept=BROWSER)[1] == "application/xml"
    assert get(server, "/?list-type=2", Accept=BROWSER)[1] == "application/xml"


def test_the_console_knows_that_a_session_belongs_to_one_name(server):
    for here, there in (("localhost", "127.0.0.1"), ("127.0.0.1", "localhost")):
        status, _, body = get(server, "/_console/", host=here)
        assert status == 401
        assert f'href="http://{there}:{server.port}/_console/"' in body
    assert "for one host name" not in get(server, "/_console/", host="signet.example")[2]
