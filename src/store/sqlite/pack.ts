import type { Call, PackedCalls } from './wire.js';

/**
 * Copies the payloads of calls into one buffer of their own, to be handed over without another copy. As
 * they are, each is a view of a larger buffer, and the whole of that would be copied with each.
 */
export function pack(calls: readonly Call[]): PackedCalls {
  const names: string[] = [];
  const args: unknown[] = [];
  const sizes: number[] = [];
  let total = 0;
  for (const { name, argument, bytes } of calls) {
    names.push(name);
    args.push(argument);
    sizes.push(bytes?.byteLength ?? -1);
    total += bytes?.byteLength ?? 0;
  }
  const payloads = new ArrayBuffer(total);
  const all = new Uint8Array(payloads);
  let end = 0;
  for (const { bytes } of calls) {
    if (bytes === undefined) continue;
    all.set(bytes, end);
    end += bytes.byteLength;
  }
  return { names, arguments: args, sizes, payloads };
}

/** The calls again, on the other side. */
export function unpack({ names, arguments: args, sizes, payloads }: PackedCalls): readonly Call[] {
  let end = 0;
  return names.map((name, place) => {
    const size = sizes[place] ?? -1;
    const argument = args[place];
    if (size < 0) return { name, argument };
    const bytes = new Uint8Array(payloads, end, size);
    end += size;
    return { name, argument, bytes };
  });
}
