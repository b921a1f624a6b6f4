import type { Task, UploadProgress } from '../client/index.js';

const BAR_WIDTH = 24;
const MB = 1_000_000;

/** One line on a terminal that shows what is under way; elsewhere nothing. */
export class ProgressLine {
  readonly #terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
  #shown = '';

  constructor(terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>) {
    this.#terminal = terminal;
  }

  show(text: string): void {
    if (!this.#terminal.isTTY || text === this.#shown) return;
    this.#shown = text;
    this.#terminal.write(`\r\u001b[K${text.slice(0, (this.#terminal.columns || 80) - 1)}`);
  }

  clear(): void {
    if (this.#shown === '') return;
    this.#shown = '';
    this.#terminal.write('\r\u001b[K');
  }
}

/** @param name of the file */
export function uploadText(name: string, { sentBytes, totalBytes }: UploadProgress): string {
  const megabytes = (bytes: number) => (bytes / MB).toFixed(1);
  const share = sentBytes / totalBytes;
  return `uploading ${name}  ${bar(share)}  ${megabytes(sentBytes)} of ${megabytes(totalBytes)} MB`;
}

export function taskText({ state, progress, queuePosition, estimatedSeconds }: Task): string {
  const parts = [state as string];
  if (progress !== undefined) parts.push(bar(progress.fraction), printable(progress.stage));
  if (state === 'pending' && queuePosition !== undefined) parts.push(`${queuePosition} before it`);
  if (estimatedSeconds !== undefined) parts.push(`about ${estimatedSeconds} s`);
  return parts.join('  ').trimEnd();
}

function bar(share: number): string {
  const full = Math.round(BAR_WIDTH * share);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}] ${Math.floor(share * 100)} %`;
}

/** What others wrote moves no cursor and changes no colour. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
