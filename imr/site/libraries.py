"""JavaScript libraries of the dashboard, downloaded from the npm registry once and checked against pinned hashes.

`make setup` runs this module, so that building a site needs no network. Set `npm_config_registry` to use another
registry.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import tomllib
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from imr.settings import PROJECT_ROOT
from warehouse.errors import WarehouseError

PINS = Path(__file__).with_name("libraries.toml")
CACHE = PROJECT_ROOT / ".tools" / "site"
REGISTRY = "https://registry.npmjs.org"
SECONDS = 60


@dataclass(frozen=True)
class Library:
    """A package of the npm registry, and the file of it that the dashboard loads."""

    package: str
    version: str
    file: str
    integrity: str

    @property
    def name(self) -> str:
        """Name of the copied file; it holds the version, so that browsers do not use a cached older one."""
        return f"{self.package}-{self.version}-{Path(self.file).name}"


def pinned_libraries() -> list[Library]:
    """Return the dashboard's libraries in the order in which they are loaded."""
    return [Library(**entry) for entry in tomllib.loads(PINS.read_text("utf-8"))["library"]]


def ensure_libraries(libraries: Sequence[Library], cache: Path = CACHE) -> list[Path]:
    """Return the libraries' files in the given order; download those that are missing, with their licences.

    Raises `WarehouseError` if the registry cannot be reached or a download does not match its pinned hash.
    """
    for library in libraries:
        if not (cache / library.name).exists():
            _unpack(library, _download(library), cache / library.name)
    return [cache / library.name for library in libraries]


def _download(library: Library) -> bytes:
    registry = os.environ.get("npm_config_registry", REGISTRY).rstrip("/")  # noqa: SIM112 - npm's own name
    url = f"{registry}/{library.package}/-/{library.package}-{library.version}.tgz"
    if not url.startswith("https://"):
        raise WarehouseError(f"{url}: the registry must be an https address; set npm_config_registry")
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - https alone, above
            packed: bytes = answer.read()
    except OSError as error:
        raise WarehouseError(
            f"{url} cannot be downloaded: {error}. "
            f"Run `make setup` with access to the npm registry; it keeps the file in {CACHE}"
        ) from error
    found = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if found != library.integrity:
        raise WarehouseError(f"{url} does not match {PINS.name}: its hash is {found}. The download was discarded")
    return packed


def _unpack(library: Library, packed: bytes, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        members = {Path(name).name.split(".")[0].upper(): name for name in package.getnames() if name.count("/") == 1}
        _extract(package, f"package/{library.file}", file)
        if "LICENSE" in members:
            _extract(package, members["LICENSE"], file.with_name(f"{library.package}-{library.version}-LICENSE"))


def _extract(package: tarfile.TarFile, member: str, target: Path) -> None:
    content = package.extractfile(member)
    if content is None:
        raise WarehouseError(f"{member} of {target.name} is not a file")
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.write_bytes(content.read())
    part.replace(target)


if __name__ == "__main__":
    ensure_libraries(pinned_libraries())
