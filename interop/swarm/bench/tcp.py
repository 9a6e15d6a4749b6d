"""Bytes over one TCP connection: `tcp.py give ADDRESS BYTES CONTROL` prints its port, `tcp.py take ADDRESS PORT` the MB/s.

Python, since Node.js cannot choose the congestion control of a connection.
"""

import socket
import sys
import time

mode, address, number = sys.argv[1:4]
if mode == "give":
    listener = socket.socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, sys.argv[4].encode())
    listener.bind((address, 0))
    listener.listen(1)
    print(listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    left, block = int(number), bytes(65536)
    while left > 0:
        left -= connection.send(block[:left])
else:
    connection = socket.create_connection((address, int(number)))
    began, got = None, 0
    while block := connection.recv(1 << 20):
        began = began or time.monotonic()
        got += len(block)
    print(got / (time.monotonic() - began) / 1e6, flush=True)
