"""How files that were handed in are kept in a bucket of an S3-compatible server."""

from typing import Any

TIMEOUT = 5
"""Seconds until a server that does not answer is taken for one that is away; a piece of a file may take longer."""


def bucket(
    name: str, endpoint: str, access_key: str, secret_key: str, region: str, prefix: str
) -> dict[str, Any]:
    """The storage for `STORAGES`. Without an endpoint it is Amazon's; without keys, those of the machine."""
    # Late: it is slow to come, and of no use to a site that keeps its files on one disk.
    from botocore.config import Config  # noqa: PLC0415

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": name,
            "endpoint_url": endpoint or None,
            "access_key": access_key or None,
            "secret_key": secret_key or None,
            "region_name": region or "us-east-1",
            "location": prefix,
            "default_acl": None,
            "client_config": Config(
                s3={"addressing_style": "path" if endpoint else "auto"},
                signature_version="s3v4",
                connect_timeout=TIMEOUT,
                read_timeout=4 * TIMEOUT,
                retries={"total_max_attempts": 2, "mode": "standard"},
                # Our own digest goes with each blob; more of them is what many servers do not know.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        },
    }
