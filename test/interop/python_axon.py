"""Serves AudioTask with the SDK's own axon. Arguments: seed of the axon, a hotkey that is blacklisted."""

import base64
import json
import socket
import sys
import threading
import time
from types import SimpleNamespace
from typing import Tuple

import bittensor as bt
from bittensor_wallet import Keypair

from audio_task import AudioTask

seed, banned = sys.argv[1:]
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]


def forward(synapse: AudioTask) -> AudioTask:
    data = base64.b64decode(synapse.input_data)
    if data == b"fail":
        raise RuntimeError("secret")
    if data == b"hang":
        time.sleep(3)
    synapse.output_data = base64.b64encode(data + synapse.dendrite.hotkey.encode()).decode()
    synapse.processing_time = 0.25
    synapse.pipeline_model = "python"
    return synapse


def blacklist(synapse: AudioTask) -> Tuple[bool, str]:
    return synapse.dendrite.hotkey == banned, "banned"


wallet = SimpleNamespace(hotkey=Keypair.create_from_seed(seed))
axon = bt.Axon(wallet=wallet, port=port, ip="127.0.0.1", external_ip="127.0.0.1", external_port=port)
axon.attach(forward_fn=forward, blacklist_fn=blacklist)
axon.start()
print(json.dumps({"port": port, "hotkey": wallet.hotkey.ss58_address}), flush=True)
threading.Event().wait()
