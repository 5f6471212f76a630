"""Where files lie: in the data folder, or in an S3-compatible store that every machine reaches."""

from __future__ import annotations

from typing import Any

from ganzohr.config.environment import Environment


def storage(env: Environment) -> dict[str, Any]:
    """Django's setting of the default storage; nothing of S3 is loaded without a bucket."""
    if not (bucket := env.text("GANZOHR_S3_BUCKET")):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    from botocore.config import Config

    endpoint = env.text("GANZOHR_S3_ENDPOINT") or None
    # Checksums only where they are asked for, and the bucket in the path: what stores besides Amazon's understand.
    client = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if endpoint else "auto"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=5,
        read_timeout=30,
        retries={"max_attempts": 3},
    )
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint,
        "access_key": env.text("GANZOHR_S3_ACCESS_KEY") or None,
        "secret_key": env.text("GANZOHR_S3_SECRET_KEY") or None,
        "region_name": env.text("GANZOHR_S3_REGION") or None,
        "file_overwrite": False,
        "client_config": client,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
