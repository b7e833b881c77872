"""A relay on loopback before the server, to show what a client sent and was answered."""
from support.network import Proxy


class Relay(Proxy):
    """`url` leads to the server at `port`; what passes is kept."""

    def __init__(self, port):
        self._kept = []  # of each connection: what was sent and what was answered
        super().__init__(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self.port}"

    def seen(self):
        kept = bytearray(), bytearray()
        self._kept.append(kept)
        return [part.extend for part in kept]

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
