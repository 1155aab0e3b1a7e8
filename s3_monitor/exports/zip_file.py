"""ZIP files of exports, converted to gzip: DuckDB cannot read ZIP.

Both formats contain the same compressed data (Deflate), so only the header and the trailer are replaced. Nothing is
decompressed, so a small file with a huge content needs neither memory nor disk here. The checksum of the ZIP
file becomes that of the gzip file.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

from s3_monitor.objects.manifest import InvalidReportError

_SIGNATURE = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, lengths of the name and of the extra field
_GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))  # Deflate, no name, no time, unknown system
_ENCRYPTED = 0x1  # bit of the flags
_MOST = 1 << 20  # bytes that are read at once
_ADVICE = "have the report compressed with GZIP, or delivered as Parquet"


class _BoundedFile(io.FileIO):
    """A file that is read in pieces: the directory of a ZIP file may be as large as the file."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return ``size`` bytes, or the rest. Raises BadZipFile if these are too many."""
        found = super().read(_MOST + 1 if size is None or size < 0 else min(size, _MOST + 1))
        if len(found) > _MOST:
            raise zipfile.BadZipFile("its directory is too large")
        return found


def convert_to_gzip(path: Path) -> None:
    """Replace a ZIP file by a gzip file of its only member; leave other files. Raises InvalidReportError."""
    with _BoundedFile(path) as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return
        target = path.with_name(f"{path.name}.gz")
        try:
            with target.open("wb") as output:
                _write(file, _only_member(file), output)
        except (zipfile.BadZipFile, struct.error, NotImplementedError) as error:
            raise InvalidReportError(f"a file is not a valid ZIP file: {error}") from error
    target.replace(path)


def _only_member(file: _BoundedFile) -> zipfile.ZipInfo:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    if len(members) != 1:
        raise InvalidReportError(f"a ZIP file must contain one file, got {len(members):,}", _ADVICE)
    (member,) = members
    if member.flag_bits & _ENCRYPTED:
        raise InvalidReportError("a ZIP file must not be encrypted", _ADVICE)
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise InvalidReportError(f"a ZIP file must be compressed with Deflate (8), got {member.compress_type}", _ADVICE)
    return member


def _write(file: _BoundedFile, member: zipfile.ZipInfo, output: BinaryIO) -> None:
    """Write the compressed data between the header and the trailer of gzip."""
    file.seek(member.header_offset)
    signature, name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != _SIGNATURE:
        raise zipfile.BadZipFile("the local header is damaged")
    file.seek(name + extra, os.SEEK_CUR)
    output.write(_GZIP_HEADER)
    left = member.compress_size
    while left and (chunk := file.read(min(left, _MOST))):
        output.write(chunk)
        left -= len(chunk)
    if left:
        raise zipfile.BadZipFile(f"{left:,} bytes are missing")
    output.write(struct.pack("<LL", member.CRC, member.file_size & 0xFFFFFFFF))
