import type { CallSigner } from '../auth/call-signature.js';
import type { MinerAddress } from '../validator/ports/miner-client.js';
import { dendriteMessage } from './dendrite-signature.js';

/** Of the SDK whose wire this is, 10.2.0, as it writes it. */
const VERSION = 10_002_000;
/** The JSON of an empty text in base64: it lets an axon make the synapse before it reads the body. */
const EMPTY_TEXT = Buffer.from('""').toString('base64');

/** A synapse before it is signed. */
export interface Unsent {
  readonly name: string;
  /** Text fields of its class that have no default. */
  readonly requiredFields: readonly string[];
  /** Members of the body that are the synapse's own, without braces; may be empty. */
  readonly members: Uint8Array;
  readonly bodyHash: string;
  readonly timeoutMs: number;
}

export interface Outgoing {
  readonly headers: Readonly<Record<string, string>>;
  /** In pieces: the largest is shared by the questions to all miners. */
  readonly body: readonly Uint8Array[];
}

export interface Sender {
  readonly signer: CallSigner;
  readonly uuid: string;
  readonly nextNonce: () => bigint;
}

/** Signs a synapse for a miner; good for one request. */
export function signSynapse(sender: Sender, unsent: Unsent, { hotkey, host, port }: MinerAddress): Outgoing {
  const { signer, uuid } = sender;
  const nonceNs = sender.nextNonce();
  const { name, bodyHash, members, requiredFields } = unsent;
  const tuple = { nonceNs, dendriteHotkey: signer.hotkey, axonHotkey: hotkey, uuid, bodyHash };
  const signature = `0x${Buffer.from(signer.sign(dendriteMessage(tuple))).toString('hex')}`;
  const timeout = String(unsent.timeoutMs / 1_000);
  const dendrite = { version: VERSION, uuid, hotkey: signer.hotkey, signature };
  const axon = { ip: host, port, hotkey };
  // The nonce is above what a JSON number of this language can hold.
  const envelope =
    `{"name":${JSON.stringify(name)},"timeout":${timeout},` +
    `"dendrite":{"nonce":${nonceNs},${JSON.stringify(dendrite).slice(1)},` +
    `"axon":${JSON.stringify(axon)},"computed_body_hash":"${bodyHash}"${members.length > 0 ? ',' : ''}`;
  const body = [Buffer.from(envelope), members, Buffer.from('}')];
  const bytes = String(body.reduce((sum, { length }) => sum + length, 0));
  const headers = {
    'content-type': 'application/json',
    'content-length': bytes,
    name,
    timeout,
    ...prefixed('bt_header_axon_', axon),
    ...prefixed('bt_header_dendrite_', { nonce: nonceNs, ...dendrite }),
    ...Object.fromEntries(requiredFields.map((field) => [`bt_header_input_obj_${field}`, EMPTY_TEXT])),
    header_size: '0',
    total_size: bytes,
    computed_body_hash: bodyHash,
  };
  return { headers, body };
}

function prefixed(prefix: string, members: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([key, value]) => [prefix + key, String(value)]));
}
