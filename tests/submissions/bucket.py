"""S3-compatible servers that tests start, each in a process of its own and on a port of its own.

`moto` runs in every run. `seaweedfs` is the real thing, which also checks digests and keys; make prove installs it.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

KEY, SECRET, BUCKET = "a-key-of-tests", "a-secret-of-tests", "cairn-tests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server with one bucket; `stop` kills it, and `start` brings it back on the same port."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder, self.port = kind, folder, free_port()
        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 1}),
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.others = [free_port() for _ in range(6)]
        self.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            # Not with our environment: SeaweedFS reads DEBUG and others there, too.
            plain = {"PATH": os.defpath, "HOME": str(self.folder)}
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, cwd=self.folder, env=plain
            )
        end = time.monotonic() + 60
        while True:
            try:
                self.client.create_bucket(Bucket=BUCKET)
                return
            except ClientError as error:
                if error.response["Error"]["Code"] in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou"):
                    return
            except BotoCoreError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, (self.folder / "log").read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(60)
            self.process = None

    def command(self) -> list[str]:
        if self.kind == "moto":
            return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
        assert weed, "No SeaweedFS here: run make prove, which installs it, or put weed on the PATH."
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        known = {"name": "cairn", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
        (self.folder / "keys.json").write_text(json.dumps({"identities": [known]}))
        master, volume, filer, *inner = self.others
        return [
            weed, "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}",
            f"-master.port.grpc={inner[0]}", f"-volume.port={volume}", f"-volume.port.grpc={inner[1]}",
            f"-filer.port={filer}", f"-filer.port.grpc={inner[2]}", "-s3", f"-s3.port={self.port}",
            "-s3.config=keys.json", "-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=8",
            "-master.volumeSizeLimitMB=64",
        ]  # fmt: skip

    def put(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def keys(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return sorted(str(one["Key"]) for one in found)

    def empty(self) -> None:
        for key in self.keys():
            self.client.delete_object(Bucket=BUCKET, Key=key)

    def storage(self, **other: Any) -> dict[str, Any]:
        """What the settings say of it."""
        from config.storage import bucket  # noqa: PLC0415

        named = {"name": BUCKET, "endpoint": self.endpoint, "access_key": KEY, "secret_key": SECRET}
        return bucket(**{**named, "region": "", "prefix": "", **other})
