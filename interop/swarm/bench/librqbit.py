"""librqbit, by its Python bindings: `librqbit.py give|take FOLDER PORT TORRENT`. `give` seeds until it is ended, `take` ends when all is there.

PYTHONPATH names the folder where `pip install --target` put pyrqbit. Peers come from the torrent's tracker.
"""

import sys
import time

import pyrqbit

mode, folder, port, torrent = sys.argv[1:]
session = pyrqbit.Session(folder, listen_port=int(port), disable_dht=True)
handle = session.add_torrent(torrent, output_folder=folder, overwrite=True)
handle.wait_until_completed()
if mode == "give":
    print("seeding", flush=True)
    while True:
        time.sleep(60)
session.stop()
