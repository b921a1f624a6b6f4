import type { CallSigner } from '../auth/call-signature.js';
import { CodecThread } from '../axon/codec-thread.js';
import { Dendrite } from '../axon/dendrite.js';
import { createEitherWire } from '../axon/either-wire.js';
import type { MinerAddresses } from '../config/sections.js';
import { createMinerClient } from '../rpc/clients/miner-client.js';
import type { MinerClient } from '../validator/ports/miner-client.js';
import type { HotkeyPair } from '../wallet/hotkey.js';
import { sign } from '../wallet/sign.js';
import type { Environment } from './environment.js';

/** Asks miners over gRPC or the classic wire; without a key over gRPC alone, unsigned. */
export function openMinerClients(
  pair: HotkeyPair | undefined,
  addresses: MinerAddresses,
  { clock, lifecycle }: Environment,
): MinerClient {
  if (pair === undefined) return createMinerClient();
  const signer: CallSigner = { hotkey: pair.address, sign: (message) => sign(pair, message) };
  const codec = new CodecThread();
  lifecycle.onStop('codec', () => codec.close());
  return createEitherWire(
    { grpc: createMinerClient(signer), classic: new Dendrite({ signer, codec, clock }) },
    addresses,
  );
}
