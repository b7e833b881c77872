"""Archives whose bytes depend on their content alone: fixed order, owner and time."""
import gzip
import io
import os
import subprocess
import tarfile

from testing import build


def source_date():
    """Seconds since 1970 that all files carry: SOURCE_DATE_EPOCH, or the time of the commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=build.ROOT, check=False, stdout=subprocess.PIPE, encoding="utf-8")
    return int(done.stdout.strip() or 0)


class Tree:
    """Files and folders of an archive, by path without a leading slash. Parent folders come by themselves."""

    def __init__(self):
        self._entries = {}

    def folder(self, path, mode=0o755, owner=0):
        self._entries[path.rstrip("/")] = (None, mode, owner)

    def file(self, path, content, mode=0o644):
        parent = os.path.dirname(path)
        while parent and parent not in self._entries:
            self.folder(parent)
            parent = os.path.dirname(parent)
        self._entries[path] = (content, mode, 0)

    def size(self):
        return sum(len(content) for content, _, _ in self._entries.values() if content is not None)

    def paths(self):
        return sorted(self._entries)

    def write_to(self, folder):
        """Lays the tree out below `folder`, a pathlib.Path."""
        for path in self.paths():
            content, mode, _ = self._entries[path]
            target = folder / path
            if content is None:
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.write_bytes(content)
            target.chmod(mode)

    def tar(self, prefix=""):
        """The bytes of an uncompressed tar."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path in self.paths():
                content, mode, owner = self._entries[path]
                info = tarfile.TarInfo(prefix + path)
                info.mode, info.mtime, info.uid, info.gid = mode, source_date(), owner, owner
                if content is None:
                    info.type = tarfile.DIRTYPE
                    tar.addfile(info)
                else:
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
        return out.getvalue()


def gzipped(data):
    return gzip.compress(data, 9, mtime=0)
