"""Asks an axon with the SDK's own dendrite. Arguments: port, seed of the dendrite, hotkey of the axon, name of the case."""

import asyncio
import base64
import json
import sys

import bittensor as bt
from bittensor.utils import networking
from bittensor_wallet import Keypair

from audio_task import AudioTask


class Unheard(bt.Synapse):
    pass


class Plain(AudioTask):
    """The original's class, which hashes no field."""

    required_hash_fields = ()


Plain.__name__ = "AudioTask"


class BadSigner:
    """Signs something else."""

    def __init__(self, pair):
        self.pair = pair
        self.ss58_address = pair.ss58_address

    def sign(self, message):
        return self.pair.sign(message + "!")


async def main(port, seed, hotkey, case):
    # It would ask the internet.
    networking.get_external_ip = lambda: "127.0.0.2"
    pair = Keypair.create_from_seed(seed)
    dendrite = bt.Dendrite(wallet=pair)
    if case == "bad signature":
        dendrite.keypair = BadSigner(pair)
    text = {"error": "fail", "timeout": "hang"}.get(case, "Hello")
    data = b"a" * 20_000_000 if case == "large" else text.encode()
    made = {"ping": bt.Synapse, "unknown": Unheard, "plain": Plain}.get(case, AudioTask)
    fields = {} if case in ("ping", "unknown") else {
        "task_type": "summarization",
        "input_data": base64.b64encode(data).decode(),
    }
    axon = bt.AxonInfo(version=1, ip="127.0.0.1", port=int(port), ip_type=4, hotkey=hotkey, coldkey=hotkey)
    timeout = 1 if case == "timeout" else 20
    reply = await dendrite.forward(axon, made(**fields), timeout=timeout, deserialize=False)
    if case == "replay":
        # The same nonce again.
        import time

        nonce = reply.dendrite.nonce
        time.time_ns = lambda: int(nonce)
        reply = await dendrite.forward(axon, made(**fields), timeout=timeout, deserialize=False)
    await dendrite.aclose_session()
    output = getattr(reply, "output_data", None)
    print(json.dumps({
        "status": reply.dendrite.status_code,
        "message": reply.dendrite.status_message,
        "success": reply.is_success,
        "blacklist": reply.is_blacklist,
        "unverified": reply.failed_verification,
        "timeout": reply.is_timeout,
        "model": getattr(reply, "pipeline_model", None),
        "outputBytes": None if output is None else len(base64.b64decode(output)),
        "inputKept": not fields or reply.input_data == fields["input_data"],
    }))


asyncio.run(main(*sys.argv[1:]))
