"""A receiver of OpenTelemetry's protocol over HTTP, whose messages the protocol's own definitions decode; and one of syslog."""
import base64
import http.server
import json
import socket
import socketserver
import ssl
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

MESSAGES = {"/v1/traces": trace_service_pb2.ExportTraceServiceRequest, "/v1/logs": logs_service_pb2.ExportLogsServiceRequest}
HEX_MEMBERS = ("traceId", "spanId", "parentSpanId")


def _hex_as_base64(value):
    """OTLP writes ids in hexadecimal where JSON of protocol buffers has base64."""
    if isinstance(value, list):
        return [_hex_as_base64(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: base64.b64encode(bytes.fromhex(item)).decode() if name in HEX_MEMBERS else _hex_as_base64(item) for name, item in value.items()}


def attributes(item):
    return {one.key: one.value.string_value for one in item.attributes}


class _Receiver:
    """A server on a thread."""

    scheme = None

    def _serve(self, server, handler, port):
        server.allow_reuse_address = True
        self._server = server(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def stop(self):
        """Nobody is there any more, for connections that stood either."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Collector(_Receiver):
    """Answers what `answers` says, 200 once it is empty. `messages`: path, decoded message and headers of those that were answered 200."""

    scheme = "http"

    def __init__(self, port=0):
        self.messages, self.answers, self.refused, self.connections = [], [], 0, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                outer.connections.append(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = outer.answers.pop(0) if outer.answers else (200, "{}")
                if status == 200:
                    assert self.headers["Content-Type"] == "application/json"
                    message = json_format.ParseDict(_hex_as_base64(json.loads(body)), MESSAGES[self.path]())
                    outer.messages.append((self.path, message, dict(self.headers)))
                else:
                    outer.refused += 1
                data = answer.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self._serve(http.server.ThreadingHTTPServer, Handler, port)

    def spans(self):
        return [span for _, message, _ in list(self.messages) if hasattr(message, "resource_spans")
                for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans]

    def records(self):
        """Audit records that came as logs, as they stand in the trail."""
        return [record.body.string_value for _, message, _ in list(self.messages) if hasattr(message, "resource_logs")
                for resource in message.resource_logs for scope in resource.scope_logs for record in scope.log_records]


class Syslog(_Receiver):
    """A receiver of messages behind their lengths (RFC 6587 3.4.1); with a certificate over TLS (RFC 5425), where `refused` counts handshakes that
    failed."""

    def __init__(self, port=0, certificate=None):
        self.messages, self.refused, self.connections = [], 0, []
        self.scheme = "syslog+tls" if certificate else "syslog"
        outer = self

        class TlsServer(socketserver.ThreadingTCPServer):
            def get_request(self):
                connection, peer = super().get_request()
                try:
                    return outer._context.wrap_socket(connection, server_side=True), peer
                except OSError:
                    outer.refused += 1
                    connection.close()
                    raise

        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate.chain, certificate.key)

        class Handler(socketserver.StreamRequestHandler):
            def setup(self):
                super().setup()
                outer.connections.append(self.connection)

            def handle(self):
                while True:
                    length = b""
                    while not length.endswith(b" "):
                        byte = self.rfile.read(1)
                        if not byte:
                            return
                        length += byte
                    message = self.rfile.read(int(length))
                    if len(message) < int(length):
                        return
                    outer.messages.append(message.decode())

        self._serve(TlsServer if certificate else socketserver.ThreadingTCPServer, Handler, port)

    def records(self):
        return [message.split(" audit - ", 1)[1] for message in list(self.messages)]
