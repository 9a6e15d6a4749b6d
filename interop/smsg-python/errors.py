# SPDX-License-Identifier: MIT
"""The one exception of this reader."""


class Refused(Exception):
    """A file that is not opened; `kind` is a class of spec/SMSG.md section 13."""

    def __init__(self, kind, why=""):
        super().__init__(f"{kind}: {why}" if why else kind)
        self.kind = kind
