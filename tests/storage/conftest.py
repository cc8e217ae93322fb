from __future__ import annotations

from tests.storage.s3 import bucket, s3_server

__all__ = ["bucket", "s3_server"]
