import { expect } from 'chai';
import { NeuronGate } from '../../src/auth/neuron-gate.js';
import type { Refusal } from '../../src/domain/errors.js';
import { createMinerClient } from '../../src/rpc/clients/miner-client.js';
import { systemClock } from '../../src/runtime/clock.js';
import type { AudioTask, MinerAddress } from '../../src/validator/ports/miner-client.js';
import { hotkeyFromSeed, type HotkeyPair } from '../../src/wallet/hotkey.js';
import { sign, signaturesReady } from '../../src/wallet/sign.js';
import { networkOf, OPEN_RULES, seedOf } from '../support/classic-axon.js';
import { openGrpcMiner, type GrpcMiner } from '../support/grpc-miner.js';
import { until } from '../unit/validator/manual-clock.js';
import { rejection } from '../unit/validator/rejection.js';

describe('Forward of a miner with a hotkey', () => {
  let mine: GrpcMiner;
  let validator: HotkeyPair;
  let self: HotkeyPair;
  let address: MinerAddress;
  const { signal } = new AbortController();
  const task: AudioTask = { kind: 'tts', language: 'en', input: Buffer.from('Hello'), deadlineMs: 5_000 };

  beforeEach(async () => {
    await signaturesReady();
    [validator, self] = [await hotkeyFromSeed(seedOf(1)), await hotkeyFromSeed(seedOf(9))];
    const network = networkOf({ uid: 0, hotkey: validator.address, stake: 1, validatorPermit: true });
    const gate = new NeuronGate({ rules: OPEN_RULES, network, clock: systemClock });
    mine = await openGrpcMiner(systemClock, { gate, self: self.address });
    address = { hotkey: self.address, host: '127.0.0.1', port: Number(mine.address.split(':').at(-1)) };
  });
  afterEach(() => mine.close());

  const signerOf = (pair: HotkeyPair) => ({
    hotkey: pair.address,
    sign: (message: Uint8Array) => sign(pair, message),
  });
  const refusal = async (client: ReturnType<typeof createMinerClient>, at = address): Promise<Refusal> => {
    const error = await rejection(client.query(at, task, { signal }));
    client.close();
    return error;
  };

  it('works for a validator that signs', async () => {
    const client = createMinerClient(signerOf(validator));
    const asked = client.query(address, task, { signal });
    await until(() => mine.miner.open.length === 1);
    mine.miner.open[0]!.complete(Buffer.from('spoken'));
    expect(Buffer.from((await asked).output).toString()).to.equal('spoken');
    client.close();
  });

  it('refuses who does not sign, signs for another miner or is nobody, and does nothing for them', async () => {
    expect((await refusal(createMinerClient())).reason).to.equal('UNAUTHENTICATED');
    const elsewhere = { ...address, hotkey: validator.address };
    expect((await refusal(createMinerClient(signerOf(validator)), elsewhere)).reason).to.equal(
      'UNAUTHENTICATED',
    );
    expect((await refusal(createMinerClient(signerOf(self)))).reason).to.equal('PERMISSION_DENIED');
    expect(mine.miner.admitted).to.equal(0);
  });

  it('tells everybody what it can do', async () => {
    const client = createMinerClient();
    expect((await client.capabilities(address, signal)).freeSlots).to.equal(2);
    client.close();
  });
});
