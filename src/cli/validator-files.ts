import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import type { SubnetConfig } from '../config/sections.js';
import { ReputationFile } from '../validator/reputation-file.js';
import { WeightFiles } from '../validator/weights/weight-files.js';
import type { Logger } from '../runtime/logger.js';

export interface RecordPlace {
  readonly dataDir: string;
  readonly subnet: SubnetConfig;
  /** Hotkey or name of the validator. */
  readonly holder: string;
  readonly log: Logger;
}

/** Each validator keeps a file a subnet: miners of one say nothing of those with their keys on another. */
export function reputationFile(place: RecordPlace): ReputationFile {
  return new ReputationFile({ file: fileOf(place, 'reputation'), subnet: nameOf(place), log: place.log });
}

/** Beside the reputation: the state of its weights, and every vector with what it rests on. */
export function weightFiles(place: RecordPlace): WeightFiles {
  return new WeightFiles({
    file: fileOf(place, 'weights-state'),
    journal: fileOf(place, 'weights'),
    subnet: nameOf(place),
    log: place.log,
  });
}

function nameOf({ dataDir, subnet: { netuid, network } }: RecordPlace): string {
  // Below the data directory, so that a copy of it elsewhere keeps what it knows.
  const where = network.kind === 'static' ? `static:${relative(dataDir, network.file)}` : network.name;
  return `${netuid} on ${where}`;
}

function fileOf(place: RecordPlace, what: string): string {
  const { dataDir, holder, subnet } = place;
  const digest = createHash('sha256').update(nameOf(place)).digest('hex').slice(0, 8);
  return join(dataDir, 'validator', holder, `${what}-${subnet.netuid}-${digest}.jsonl`);
}
