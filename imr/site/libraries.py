"""The libraries beside the pages: fetched from the npm registry once, each checked against a pinned hash.

`make setup` runs this module, so that building a site needs no network. `npm_config_registry` names another registry.
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
    """A package of the npm registry, and which of its files a page loads."""

    page: str
    package: str
    version: str
    file: str
    integrity: str
    replaces: str | None = None

    @property
    def name(self) -> str:
        """The file's name beside the page; it changes with the version, so that no browser keeps an old one."""
        return f"{self.package}-{self.version}-{Path(self.file).name}"


def pinned(page: str | None = None) -> list[Library]:
    """Return the libraries of a page (of all pages if `None`) in the order in which it loads them."""
    libraries = [Library(**entry) for entry in tomllib.loads(PINS.read_text("utf-8"))["library"]]
    return [library for library in libraries if page in (None, library.page)]


def ensure(libraries: Sequence[Library], cache: Path = CACHE) -> list[Path]:
    """Return the libraries' files, in their order, fetching those that are not there; licences lie beside them.

    Raises `WarehouseError` where the registry cannot be reached or sends something else than was pinned.
    """
    files = []
    for library in libraries:
        file = cache / library.name
        if not file.exists():
            _unpack(library, _fetch(library), file)
        files.append(file)
    return files


def _fetch(library: Library) -> bytes:
    registry = os.environ.get("npm_config_registry", REGISTRY).rstrip("/")  # noqa: SIM112 - npm's own name
    url = f"{registry}/{library.package}/-/{library.package}-{library.version}.tgz"
    if not url.startswith("https://"):
        raise WarehouseError(f"{url}: only an https registry is asked; see npm_config_registry")
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - https alone, above
            packed: bytes = answer.read()
    except OSError as error:
        raise WarehouseError(
            f"the site's library {library.package} cannot be fetched from {url}: {error}. "
            f"Run `make setup` where the npm registry can be reached; it is kept in {CACHE}"
        ) from error
    found = "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()
    if found != library.integrity:
        raise WarehouseError(f"{url} is not what {PINS.name} pins: its hash is {found}. Nothing was kept of it")
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
        raise WarehouseError(f"{member} of {target.name} is no file")
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.write_bytes(content.read())
    part.replace(target)


if __name__ == "__main__":
    ensure(pinned())
