/** What a dendrite signs. */
export interface DendriteTuple {
  /** Unix nanoseconds. */
  readonly nonceNs: bigint;
  readonly dendriteHotkey: string;
  readonly axonHotkey: string;
  readonly uuid: string;
  readonly bodyHash: string;
}

export function dendriteMessage(tuple: DendriteTuple): Uint8Array {
  const { nonceNs, dendriteHotkey, axonHotkey, uuid, bodyHash } = tuple;
  return Buffer.from(`${nonceNs}.${dendriteHotkey}.${axonHotkey}.${uuid}.${bodyHash}`);
}
