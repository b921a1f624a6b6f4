"""Writes and reads hotkeys with Bittensor's own wallet; the last line of output is JSON."""

import json
import sys

from bittensor_wallet import Keypair, Wallet

action, folder, message, *rest = sys.argv[1:]


def wallet(hotkey):
    return Wallet(name="cold", hotkey=hotkey, path=folder)


def write(hotkey, keypair, **options):
    wallet(hotkey).set_hotkey(keypair=keypair, overwrite=False, **options)
    return {hotkey: keypair.ss58_address, hotkey + "_signature": keypair.sign(message).hex()}


if action == "write":
    phrase = Keypair.create_from_mnemonic(Keypair.generate_mnemonic(12))
    seed = Keypair.create_from_seed("0x" + "f1" * 32)
    private = Keypair.create_from_uri("//Alice")
    result = {}
    for name, keypair in (("phrase", phrase), ("seed", seed), ("private", private)):
        result |= write(name, keypair, encrypt=False)
elif action == "encrypt":
    keypair = Keypair.create_from_mnemonic(Keypair.generate_mnemonic(12))
    result = write("encrypted", keypair, encrypt=True, hotkey_password=rest[0])
else:
    keypair = wallet(rest[0]).get_hotkey()
    result = {
        "address": keypair.ss58_address,
        "verified": str(keypair.verify(message, bytes.fromhex(rest[1]))),
        "signature": keypair.sign(message).hex(),
    }
print(json.dumps(result))
