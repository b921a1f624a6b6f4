import { readFile, rename } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { TASK_KINDS } from '../domain/task.js';
import type { Logger } from '../runtime/logger.js';
import { replaceFile, sizeOf } from './durable-file.js';
import type { RatedMiner, ReputationStore } from './ports/reputation-store.js';

const VERSION = 1;
/** A file above this was not written here: 4,096 miners with everything there is to know take less. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** Miners written at a time; other work of the process runs in between. */
const MINERS_AT_A_TIME = 32;

const share = z.number().min(0).max(1);
const mean = z.strictObject({ mean: share, sampleCount: z.int().min(1) });
const rating = z.strictObject({
  kind: z.enum(TASK_KINDS),
  language: z.string(),
  accuracy: mean.exactOptional(),
  speed: mean.exactOptional(),
  reliability: mean,
  parts: z.record(z.string(), mean),
  lastSampleMs: z.number(),
});
const ratedMiner = z.strictObject({ hotkey: z.string(), seenMs: z.number(), ratings: z.array(rating) });
const header = z.strictObject({ version: z.literal(VERSION), subnet: z.string(), miners: z.int() });

export interface ReputationFileOptions {
  readonly file: string;
  /** What the file is about, such as `49 on finney`; another one's is not read. */
  readonly subnet: string;
  readonly log: Logger;
}

/**
 * A text file: a line of JSON that says what follows, then a line a miner. It is written beside the old one, synced
 * and put in its place, so a crash leaves the one or the other. One that cannot be understood is put aside under its
 * name and `.aside`, and everything begins anew.
 */
export class ReputationFile implements ReputationStore {
  constructor(private readonly options: ReputationFileOptions) {}

  async load(): Promise<readonly RatedMiner[]> {
    const { file, subnet, log } = this.options;
    const bytes = await sizeOf(file);
    if (bytes === undefined) return [];
    try {
      if (bytes > MAX_FILE_BYTES) throw new Error(`it has ${bytes} bytes`);
      return parse(await readFile(file, 'utf8'), subnet);
    } catch (error) {
      await rename(file, `${file}.aside`);
      log.error(
        { err: error, file: `${file}.aside` },
        'what was known of the miners cannot be read: it is put aside, and their reputation begins anew',
      );
      return [];
    }
  }

  async save(miners: readonly RatedMiner[]): Promise<void> {
    const { file, subnet } = this.options;
    await replaceFile(file, async (handle) => {
      await handle.write(line({ version: VERSION, subnet, miners: miners.length }));
      for (let at = 0; at < miners.length; at += MINERS_AT_A_TIME) {
        await handle.write(
          miners
            .slice(at, at + MINERS_AT_A_TIME)
            .map(line)
            .join(''),
        );
        await setImmediate();
      }
    });
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** @throws Error when it is not a whole file of this subnet */
function parse(text: string, subnet: string): readonly RatedMiner[] {
  const [first = '', ...lines] = text.split('\n');
  const head = header.parse(JSON.parse(first));
  if (head.subnet !== subnet) throw new Error(`it is about ${head.subnet}, not ${subnet}`);
  // The last line ends with a line break as well.
  if (lines.length !== head.miners + 1 || lines.at(-1) !== '') throw new Error('it is cut short');
  return lines.slice(0, -1).map((entry) => ratedMiner.parse(JSON.parse(entry)));
}
