# SPDX-License-Identifier: MIT
"""gzip and zstd (spec/SMSG.md section 10), piece by piece so that a bomb is noticed. zstd is the system's libzstd."""

import ctypes
import ctypes.util
import gzip
import zlib

from errors import Refused

PIECE, WINDOW_LOG = 1 << 17, 27


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer are alike."""
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]


def load_zstd():
    """The library, or None where there is none."""
    name = ctypes.util.find_library("zstd") or "libzstd.so.1"
    try:
        library = ctypes.CDLL(name)
    except OSError:
        return None
    library.ZSTD_createDCtx.restype = ctypes.c_void_p
    library.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    return library


ZSTD = load_zstd()


def zstd_pieces(data, limit):
    """The decompressed bytes of any number of frames."""
    declared = ZSTD.ZSTD_getFrameContentSize(data, ctypes.c_size_t(len(data)))
    if limit < declared < (1 << 64) - 2:  # the two highest values: not declared, not a frame
        raise Refused("decompression_limit")
    context = ctypes.c_void_p(ZSTD.ZSTD_createDCtx())
    ZSTD.ZSTD_DCtx_setParameter(context, 100, WINDOW_LOG)
    piece, source = ctypes.create_string_buffer(PIECE), ctypes.create_string_buffer(data, len(data))
    given = Buffer(ctypes.cast(source, ctypes.c_void_p), len(data), 0)
    try:
        expects = 0
        while True:
            taken = Buffer(ctypes.cast(piece, ctypes.c_void_p), PIECE, 0)
            before = given.pos
            if given.pos == given.size and expects == 0:
                return
            expects = ZSTD.ZSTD_decompressStream(context, ctypes.byref(taken), ctypes.byref(given))
            if ZSTD.ZSTD_isError(ctypes.c_size_t(expects)) or (taken.pos == 0 and given.pos == before):
                raise Refused("decompression_failed", "damaged or cut short")
            yield piece.raw[:taken.pos]
    finally:
        ZSTD.ZSTD_freeDCtx(context)


def gzip_pieces(data):
    """The decompressed bytes of any number of members."""
    while data:
        member = zlib.decompressobj(31)
        try:
            while not member.eof:
                piece = member.decompress(data, PIECE)
                if not piece and not member.unconsumed_tail and not member.eof:
                    raise Refused("decompression_failed", "cut short")
                data = member.unconsumed_tail
                yield piece
        except zlib.error as error:
            raise Refused("decompression_failed", str(error)) from None
        data = member.unused_data


class Plaintext:
    """What is under the compression, read from front to back; never more than `limit` bytes if it was compressed."""

    def __init__(self, compression, data, limit):
        self.compressed = bool(compression)
        pieces = {"": lambda: iter([data]), "gzip": lambda: gzip_pieces(data), "zstd": lambda: zstd_pieces(data, limit)}
        self.pieces, self.held, self.left = pieces[compression](), bytearray(), limit

    def read(self, length):
        """So many bytes, or fewer at the end."""
        while len(self.held) < length:
            piece = next(self.pieces, None)
            if piece is None:
                break
            self.left -= len(piece)
            if self.compressed and self.left < 0:
                raise Refused("decompression_limit")
            self.held += piece
        taken = bytes(self.held[:length])
        del self.held[:length]
        return taken


def compress(compression, data):
    if compression == "gzip":
        return gzip.compress(data)
    if compression != "zstd":
        return data
    room = ZSTD.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(room)
    size = ZSTD.ZSTD_compress(out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), 3)
    return out.raw[:size]
