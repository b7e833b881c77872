"""A container image as an OCI image layout in a tar, made without a daemon.

Format: https://github.com/opencontainers/image-spec (image-layout.md, manifest.md, config.md). `Healthcheck` is Docker's member of
the configuration, which other runtimes ignore.
"""
import datetime
import hashlib
import json

from packaging import files

# Nobody on the host: no user, no group, no home but the data folder.
USER = 65532
PORT = 9311
CA_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def make_image(program, version, licences, certificates):
    """The bytes of the tar. `program` and `certificates` are bytes, `licences` name -> bytes."""
    root = files.Tree()
    root.file("usr/bin/signet", program, 0o755)
    root.file("etc/passwd", f"root:x:0:0:root:/:/sbin/nologin\nsignet:x:{USER}:{USER}:Signet:/data:/sbin/nologin\n".encode())
    root.file("etc/group", f"root:x:0:\nsignet:x:{USER}:\n".encode())
    root.file(CA_CERTIFICATES[1:], certificates)
    for name, text in licences.items():
        root.file(f"usr/share/doc/signet/licences/{name}", text)
    root.folder("tmp", 0o1777)
    root.folder("data", 0o700, USER)
    layer = root.tar()

    created = datetime.datetime.fromtimestamp(files.source_date(), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = {
        "created": created,
        "architecture": "amd64",
        "os": "linux",
        "config": {
            "User": f"{USER}:{USER}",
            "ExposedPorts": {f"{PORT}/tcp": {}},
            "Env": ["PATH=/usr/bin", "SIGNET_DATA=/data", f"SIGNET_LISTEN=0.0.0.0:{PORT}"],
            "Entrypoint": ["/usr/bin/signet"],
            "Cmd": ["serve"],
            "Volumes": {"/data": {}},
            "WorkingDir": "/data",
            "StopSignal": "SIGTERM",
            "Labels": {"org.opencontainers.image.title": "signet", "org.opencontainers.image.version": version,
                       "org.opencontainers.image.licenses": "Apache-2.0"},
            "Healthcheck": {"Test": ["CMD", "/usr/bin/signet", "status"], "Interval": 10_000_000_000, "Timeout": 3_000_000_000,
                            "StartPeriod": 2_000_000_000, "Retries": 3},
        },
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        "history": [{"created": created, "created_by": "signet ./package"}],
    }
    return _layout(files.gzipped(layer), json.dumps(config, sort_keys=True).encode(), version)


def _layout(layer, config, version):
    blobs = {}

    def blob(media_type, data):
        blobs[_digest(data)] = data
        return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}

    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob("application/vnd.oci.image.config.v1+json", config),
        "layers": [blob("application/vnd.oci.image.layer.v1.tar+gzip", layer)],
    }).encode()
    entry = blob("application/vnd.oci.image.manifest.v1+json", manifest)
    entry["annotations"] = {"org.opencontainers.image.ref.name": version, "io.containerd.image.name": f"signet:{version}"}
    entry["platform"] = {"architecture": "amd64", "os": "linux"}

    tree = files.Tree()
    tree.file("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    tree.file("index.json", json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                                        "manifests": [entry]}).encode())
    for digest, data in blobs.items():
        tree.file("blobs/" + digest.replace(":", "/"), data)
    return tree.tar()


def _digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
