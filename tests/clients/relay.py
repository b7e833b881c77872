"""A relay on loopback before the server: it passes bytes on as they come and keeps them, to show what a client sent and was answered."""
import socket
import threading


class Relay:
    """`url` leads to the server at `port`. One thread a direction of a connection; all end with the process."""

    def __init__(self, port):
        self._upstream = port
        self._kept = []  # of each connection: what was sent and what was answered
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def mark(self):
        """A point in time, for `told`."""
        return len(self._kept)

    def told(self, since, most=4000):
        """The connections opened since then as text, the last dozen of them, each direction cut to `most` characters."""
        lines = []
        for sent, answered in self._kept[since:][-12:]:
            for sign, part in ((">", sent), ("<", answered)):
                text = bytes(part).decode("utf-8", errors="backslashreplace")
                lines += [f"{sign} {line}" for line in text[:most].splitlines()]
                lines += [f"{sign} ... {len(text)} characters"] * (len(text) > most)
            lines.append("")
        return "\n".join(lines) or "nothing was sent to the server\n"

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            server = socket.create_connection(("127.0.0.1", self._upstream))
            kept = bytearray(), bytearray()
            self._kept.append(kept)
            threading.Thread(target=_pass_on, args=(client, server, kept[0]), daemon=True).start()
            threading.Thread(target=_pass_on, args=(server, client, kept[1]), daemon=True).start()


def _pass_on(source, sink, kept):
    try:
        while chunk := source.recv(65536):
            kept += chunk
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for one in (source, sink):
            one.close()
