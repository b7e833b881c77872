"""boto3's `signin` client. Its model ignores endpoint settings for the operations on sessions and on the account: their
requests are sent here instead, just before they leave, with the Host that was signed."""
import urllib.parse


def signin_client(aws, keys, **options):
    client = aws.client("signin", keys, **options)
    here = urllib.parse.urlsplit(aws.url)

    def redirect(request, **_):
        asked = urllib.parse.urlsplit(request.url)
        if asked.netloc != here.netloc:
            request.headers["Host"] = asked.netloc
            request.url = urllib.parse.urlunsplit((here.scheme, here.netloc, asked.path, asked.query, ""))

    client.meta.events.register("before-send.signin", redirect)
    return client
