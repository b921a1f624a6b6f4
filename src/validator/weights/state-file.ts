import { readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { Logger } from '../../runtime/logger.js';
import { replaceFile, sizeOf } from '../durable-file.js';
import type { WeightState } from '../ports/weight-ledger.js';

const VERSION = 1;
/** A file above this was not written here: 65,536 hotkeys three times take less. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

const block = z.int().min(0);
const averages = z.record(z.string(), z.number().min(0).max(1));
const values = z.record(z.string(), z.int().min(1).max(65_535));
const stateFile = z.strictObject({
  version: z.literal(VERSION),
  subnet: z.string(),
  policyHash: z.string(),
  averages,
  scoredTasks: z.int().min(0),
  firstBlock: block.exactOptional(),
  last: z.strictObject({ block, values }).exactOptional(),
  pending: z.strictObject({ id: z.string(), block, lastUpdate: block, averages, values }).exactOptional(),
});

export interface WeightFileOptions {
  readonly file: string;
  /** What the file is about, such as `49 on finney`; another one's is not read. */
  readonly subnet: string;
  readonly log: Logger;
}

/** Absent when there is none; one that cannot be understood is put aside under its name and `.aside`. */
export async function readState({ file, subnet, log }: WeightFileOptions): Promise<WeightState | undefined> {
  const bytes = await sizeOf(file);
  if (bytes === undefined) return undefined;
  try {
    if (bytes > MAX_FILE_BYTES) throw new Error(`it has ${bytes} bytes`);
    return parse(await readFile(file, 'utf8'), subnet);
  } catch (error) {
    await rename(file, `${file}.aside`);
    log.warn(
      { err: error, file: `${file}.aside` },
      'what was known of earlier weights cannot be read: it is put aside, and their averages begin anew',
    );
    return undefined;
  }
}

export async function writeState({ file, subnet }: WeightFileOptions, state: WeightState): Promise<void> {
  const { last, pending } = state;
  const text = JSON.stringify({
    version: VERSION,
    subnet,
    ...state,
    averages: Object.fromEntries(state.averages),
    ...(last && { last: { ...last, values: Object.fromEntries(last.values) } }),
    ...(pending && {
      pending: {
        ...pending,
        averages: Object.fromEntries(pending.averages),
        values: Object.fromEntries(pending.values),
      },
    }),
  });
  await replaceFile(file, async (handle) => {
    await handle.write(`${text}\n`);
  });
}

/** @throws Error when it is not the state of this subnet */
function parse(text: string, wanted: string): WeightState {
  const { version: _, subnet, last, pending, ...rest } = stateFile.parse(JSON.parse(text));
  if (subnet !== wanted) throw new Error(`it is about ${subnet}, not ${wanted}`);
  return {
    ...rest,
    averages: mapOf(rest.averages),
    ...(last && { last: { ...last, values: mapOf(last.values) } }),
    ...(pending && {
      pending: { ...pending, averages: mapOf(pending.averages), values: mapOf(pending.values) },
    }),
  };
}

function mapOf(record: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(record));
}
