"""A loopback HTTP server for the scripts of this folder: keeps every request and gives a canned answer.

    port, seen = recorder.start(answer)     # answer(method, path, headers, body) -> (status, headers, body)

`seen` is a list of (method, path, headers with lower-case names, body) in the order of arrival.
"""
import http.server
import threading

S3_HEADERS = {"Last-Modified": "Sun, 29 Nov 2026 10:00:00 GMT", "ETag": '"900150983cd24fb0d6963f7d28e17f72"'}


def start(answer):
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def serve(self):
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length) if length else b""
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append((self.command, self.path, headers, body))
            status, extra, text = answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            if "Content-Length" not in extra:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(text)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = serve

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port, seen
