import { randomUUID } from 'node:crypto';
import { Refusal } from '../domain/errors.js';
import type { Hotkey } from '../domain/ids.js';
import type { SignedClaim } from './neuron-gate.js';

/** Signs with a hotkey. */
export interface CallSigner {
  readonly hotkey: Hotkey;
  sign(message: Uint8Array): Uint8Array;
}

/** The metadata of a signed gRPC call. */
export const SIGNATURE_KEYS = {
  version: 'neuron-version',
  /** Unix milliseconds. */
  timestamp: 'neuron-timestamp',
  /** Another one for each call. */
  uuid: 'neuron-uuid',
  signedBy: 'neuron-signed-by',
  signedFor: 'neuron-signed-for',
  /** `0x` and 128 hexadecimal digits. */
  signature: 'neuron-signature',
} as const;

/** The only version of the tuple. */
const VERSION = '1';

/** What is signed beside the tuple: which method is called, and with what. */
export interface CallSubject {
  /** As in gRPC: `/package.Service/Method`. */
  readonly method: string;
  /** SHA-256 of the request, 64 lower-case hexadecimal digits. */
  readonly digest: string;
}

interface CallTuple extends CallSubject {
  readonly timestampMs: string;
  readonly uuid: string;
  readonly signedBy: string;
  readonly signedFor: string;
}

/** Metadata that proves who asks a neuron what; good for one call. */
export function signCall(
  signer: CallSigner,
  subject: CallSubject & { readonly signedFor: string; readonly nowMs: number },
): Readonly<Record<string, string>> {
  const tuple = {
    ...subject,
    timestampMs: String(Math.floor(subject.nowMs)),
    uuid: randomUUID(),
    signedBy: signer.hotkey,
  };
  return {
    [SIGNATURE_KEYS.version]: VERSION,
    [SIGNATURE_KEYS.timestamp]: tuple.timestampMs,
    [SIGNATURE_KEYS.uuid]: tuple.uuid,
    [SIGNATURE_KEYS.signedBy]: tuple.signedBy,
    [SIGNATURE_KEYS.signedFor]: tuple.signedFor,
    [SIGNATURE_KEYS.signature]: `0x${Buffer.from(signer.sign(signedText(tuple))).toString('hex')}`,
  };
}

/**
 * What a call claims by its metadata, for the gate to check.
 *
 * @param value the one value of a key, absent when there is none or more than one
 * @param self own hotkey: a signature for another neuron is none
 * @throws Refusal UNAUTHENTICATED when the tuple is not whole
 */
export function claimOf(
  value: (key: string) => string | undefined,
  subject: CallSubject,
  self: Hotkey,
): SignedClaim {
  const need = (key: keyof typeof SIGNATURE_KEYS, form: RegExp): string => {
    const text = value(SIGNATURE_KEYS[key]);
    if (text === undefined)
      throw new Refusal('UNAUTHENTICATED', `the call is not signed: it needs one ${SIGNATURE_KEYS[key]}`);
    if (!form.test(text)) throw new Refusal('UNAUTHENTICATED', `${SIGNATURE_KEYS[key]} cannot be read`);
    return text;
  };
  need('version', /^1$/);
  if (need('signedFor', /^\w{1,64}$/) !== self)
    throw new Refusal('UNAUTHENTICATED', 'the call is signed for another neuron');
  const timestampMs = need('timestamp', /^\d{1,15}$/);
  const tuple = {
    ...subject,
    timestampMs,
    uuid: need('uuid', /^[\w-]{1,64}$/),
    signedBy: need('signedBy', /^\w{1,64}$/),
    signedFor: self,
  };
  return {
    hotkey: tuple.signedBy,
    uuid: tuple.uuid,
    nonceNs: BigInt(timestampMs) * 1_000_000n,
    timeoutMs: 0,
    message: signedText(tuple),
    signature: Buffer.from(need('signature', /^0x[0-9a-f]{128}$/).slice(2), 'hex'),
  };
}

function signedText({ timestampMs, uuid, signedBy, signedFor, method, digest }: CallTuple): Uint8Array {
  return Buffer.from([VERSION, timestampMs, uuid, signedBy, signedFor, method, digest].join('.'));
}
