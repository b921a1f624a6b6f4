import type { AnnounceOutcome, AxonAnnouncer } from '../domain/weight-setter.js';
import type { Axon } from '../domain/network-view.js';
import { toChainAddress, unreachableFrom } from './axon-address.js';
import type { NeuronDoor } from './chain-weights.js';
import { bigOf, numberOf, objectOf } from './read-json.js';
import { announceRefusal, type AnnounceRefusal } from './refusal-names.js';
import type { ChainSession } from './session.js';
import { submit } from './submit.js';
import { messageOf } from '../runtime/message-of.js';

/** Of the classic axon over HTTP, as Bittensor's SDK writes it. */
const PROTOCOL = 4;
/** Version of the classic axon that is spoken, 10.2.0, in the SDK's form: thousands of thousands. */
const AXON_VERSION = 10_002_000;

/** Writes where a neuron serves on a chain. */
export class ChainAnnouncer implements AxonAnnouncer {
  readonly #door: NeuronDoor;

  constructor(door: NeuronDoor) {
    this.#door = door;
  }

  async announce(axon: Axon, signal: AbortSignal): Promise<AnnounceOutcome> {
    const unusable = axon.port === 0 ? 'has port 0' : unreachableFrom(axon.ip);
    if (unusable !== undefined) return refused('bad_address', `${axon.ip} ${axon.port} ${unusable}`);
    return this.#door.turn.take(signal, async () => {
      try {
        const session = this.#door.subnet.session();
        if (await this.#isShown(session, axon)) return { kind: 'unchanged' };
        return await this.#serve(session, axon, signal);
      } catch (error) {
        signal.throwIfAborted();
        return refused('unreachable', messageOf(error));
      }
    });
  }

  /** Whether the chain holds the same already; to write it again would use up the rate limit. */
  async #isShown({ api }: ChainSession, axon: Axon): Promise<boolean> {
    const { subnet, pair } = this.#door;
    const stored = await api.query['subtensorModule']?.['axons']?.(subnet.netuid, pair.address);
    const json: unknown = stored?.toJSON();
    if (json === undefined || json === null) return false;
    const fields = objectOf(json, 'axon');
    const { ip, ipType } = toChainAddress(axon.ip);
    return (
      bigOf(fields['ip'], 'ip') === ip &&
      numberOf(fields['ipType'], 'ipType') === ipType &&
      numberOf(fields['port'], 'port') === axon.port &&
      numberOf(fields['protocol'], 'protocol') === PROTOCOL &&
      numberOf(fields['version'], 'version') === AXON_VERSION
    );
  }

  async #serve(session: ChainSession, axon: Axon, signal: AbortSignal): Promise<AnnounceOutcome> {
    const { subnet, pair } = this.#door;
    const make = session.api.tx['subtensorModule']?.['serveAxon'];
    if (make === undefined) return refused('other', 'the chain knows no serve_axon');
    const { ip, ipType } = toChainAddress(axon.ip);
    const call = make(subnet.netuid, AXON_VERSION, ip, axon.port, ipType, PROTOCOL, 0, 0);
    const result = await submit({ session, call, pair, clock: subnet.clock, signal });
    switch (result.kind) {
      case 'included':
        return { kind: 'announced', block: result.block };
      case 'refused':
        return refused(announceRefusal(result.error), result.message);
      case 'unknown':
        return refused('unreachable', result.message);
    }
  }
}

function refused(reason: AnnounceRefusal, message: string): AnnounceOutcome {
  return { kind: 'refused', reason, message };
}
