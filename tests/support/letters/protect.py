"""Encrypts like real letters: AES-128 with an empty user password, and no document information."""

from __future__ import annotations

import hashlib
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf._crypt_providers import CryptBase, aes_cbc_encrypt
from pypdf._encryption import CryptFilter, Encryption
from pypdf.constants import UserAccessPermissions
from pypdf.generic import ArrayObject, ByteStringObject, NameObject, NumberObject, PdfObject

# Word's "no changes, no copying", which the real letters carry; readers honour it or not.
PERMISSIONS = UserAccessPermissions((1 << 32) - 1340)
OWNER_PASSWORD = "sample letters"  # noqa: S105  # protects nothing, as these letters are synthetic


def protect(pdf: bytes, *, user_password: str | None) -> bytes:
    """Return the same pages without document information; encrypted unless the password is None.

    The same bytes come out each time, so that a second run of the samples is not taken for reissued letters.
    The price is a key and nonces that follow from the content: good for samples only.
    """
    reader = PdfReader(BytesIO(pdf))  # opens by itself where the password is empty
    writer = _RepeatableWriter()
    for number, page in enumerate(reader.pages):
        writer.add_page(page)[NameObject("/StructParents")] = NumberObject(number)  # as in a tagged file
    writer.metadata = None
    if user_password is not None:
        writer.protect(user_password, file_id=hashlib.md5(pdf, usedforsecurity=False).digest())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


class _RepeatableWriter(PdfWriter):
    """pypdf's writer with its two sources of chance (file identifier, nonces) replaced."""

    _file_id = b""

    def protect(self, user_password: str, file_id: bytes) -> None:
        self._file_id = file_id
        self.encrypt(user_password, OWNER_PASSWORD, permissions_flag=PERMISSIONS, algorithm="AES-128")
        if self._encryption is not None:
            self._encryption = _RepeatableEncryption(self._encryption)

    def generate_file_identifiers(self) -> None:
        identifier = ByteStringObject(self._file_id)
        self._ID = ArrayObject((identifier, identifier))


class _RepeatableEncryption(Encryption):
    def __init__(self, random: Encryption) -> None:
        self.__dict__.update(vars(random))

    def encrypt_object(self, obj: PdfObject, idnum: int, generation: int) -> PdfObject:
        object_key = self._object_key(idnum, generation)
        cipher = _RepeatableAes(object_key)
        return CryptFilter(cipher, cipher, cipher).encrypt_object(obj)

    def _object_key(self, idnum: int, generation: int) -> bytes:
        """PDF 1.7, 7.6.2, algorithm 1."""
        if self._key is None:
            raise RuntimeError("pypdf made no file key: its encryption is not the one this module knows")
        numbers = idnum.to_bytes(3, "little") + generation.to_bytes(2, "little")
        return hashlib.md5(self._key + numbers + b"sAlT", usedforsecurity=False).digest()


class _RepeatableAes(CryptBase):
    def __init__(self, key: bytes) -> None:
        self.key = key

    def encrypt(self, data: bytes) -> bytes:
        nonce = hashlib.md5(self.key + data, usedforsecurity=False).digest()
        missing = 16 - len(data) % 16
        return nonce + aes_cbc_encrypt(self.key, nonce, data + bytes([missing]) * missing)
