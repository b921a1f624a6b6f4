import type { Hotkey } from '../domain/ids.js';
import { Refusal } from '../domain/errors.js';
import type { SignedClaim } from '../auth/neuron-gate.js';
import { dendriteMessage } from './dendrite-signature.js';

/** The first version whose nonces are nanoseconds. */
const FIRST_TIMED_VERSION = 7_002_000;
/** Longest that a caller may wait. */
const MAX_TIMEOUT_S = 7_200;

/** What the headers of a synapse say. */
export interface SynapseHeaders {
  readonly claim: SignedClaim;
  /** Of the body, as the caller signed it. */
  readonly bodyHash: string;
  readonly version: number;
  readonly timeoutMs: number;
}

/** Values by lower-case name, one for each time the header came. */
export type HeaderValues = Readonly<Record<string, readonly string[] | undefined>>;

const FORMS = {
  nonce: /^\d{1,19}$/,
  version: /^\d{1,10}$/,
  uuid: /^[\w-]{1,64}$/,
  hotkey: /^\w{1,64}$/,
  signature: /^0x[0-9a-fA-F]{128}$/,
  bodyHash: /^[0-9a-f]{64}$/,
  timeout: /^\d{1,9}(\.\d{1,20})?$/,
} as const;

/**
 * Reads what a dendrite sends with every synapse. A header that came twice counts as missing: which one was signed, nobody
 * can tell.
 *
 * @param self own hotkey: the signature must be made for it
 * @throws Refusal UNAUTHENTICATED when a part of the proof is missing, MALFORMED_MESSAGE for the timeout
 */
export function readRequestHeaders(headers: HeaderValues, self: Hotkey): SynapseHeaders {
  const proof = (name: string, form: RegExp): string => {
    const value = one(headers, name);
    if (value === undefined) throw new Refusal('UNAUTHENTICATED', `one header ${name} is required`);
    if (!form.test(value)) throw new Refusal('UNAUTHENTICATED', `the header ${name} cannot be read`);
    return value;
  };
  const version = Number(proof('bt_header_dendrite_version', FORMS.version));
  if (version < FIRST_TIMED_VERSION)
    throw new Refusal(
      'UNAUTHENTICATED',
      `bt_header_dendrite_version must be ${FIRST_TIMED_VERSION} or later`,
    );
  const nonceNs = BigInt(proof('bt_header_dendrite_nonce', FORMS.nonce));
  const uuid = proof('bt_header_dendrite_uuid', FORMS.uuid);
  const hotkey = proof('bt_header_dendrite_hotkey', FORMS.hotkey);
  const signature = Buffer.from(proof('bt_header_dendrite_signature', FORMS.signature).slice(2), 'hex');
  const bodyHash = proof('computed_body_hash', FORMS.bodyHash);
  const timeoutMs = timeoutOf(headers);
  const message = dendriteMessage({ nonceNs, dendriteHotkey: hotkey, axonHotkey: self, uuid, bodyHash });
  return { claim: { hotkey, uuid, nonceNs, timeoutMs, message, signature }, bodyHash, version, timeoutMs };
}

function timeoutOf(headers: HeaderValues): number {
  const text = one(headers, 'timeout');
  if (text === undefined || !FORMS.timeout.test(text))
    throw new Refusal('MALFORMED_MESSAGE', 'one header timeout with a number of seconds is required');
  return Math.min(Number(text), MAX_TIMEOUT_S) * 1_000;
}

function one(headers: HeaderValues, name: string): string | undefined {
  const [value, another] = headers[name] ?? [];
  return another === undefined ? value : undefined;
}
