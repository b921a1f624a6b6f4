import { createHash } from 'node:crypto';
import { openSync, readFileSync, writeSync } from 'node:fs';
import type { Sha256 } from '../../src/domain/ids.js';
import type { HistoryEvent, HistoryLine } from './history.js';

/**
 * Appends each event to a file as a line of JSON. The write is done when it returns, so that kill -9 of
 * the process leaves every line behind: the page cache is the kernel's.
 */
export function lineWriter(path: string): (line: HistoryLine) => void {
  const file = openSync(path, 'a');
  return (line) => {
    writeSync(file, `${JSON.stringify(line)}\n`);
  };
}

/** The events of one process, from all it wrote; a last line that was cut off is left out. */
export function readLines(path: string): readonly HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const text = readFileSync(path, 'utf8');
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue;
    const { number, event } = JSON.parse(line) as HistoryLine;
    events[number] = event;
  }
  return events;
}

export function digestOf(bytes: Uint8Array | string): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}
