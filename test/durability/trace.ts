import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Context } from 'mocha';
import { firstLine, skipSuite } from '../support/skip-suite.js';

const run = promisify(execFile);

/** Skips the tests where system calls cannot be traced. */
export async function needStrace(context: Context): Promise<void> {
  try {
    await run('strace', ['-f', '-o', '/dev/null', 'true']);
  } catch (error) {
    skipSuite(context, `strace does not work here, ${firstLine(error)}`);
  }
}

/** One end of a system call, in the order in which the kernel saw them. */
export interface SystemCallEnd {
  readonly at: 'start' | 'end';
  readonly name: string;
  /** Path or address behind the first argument, a file descriptor. */
  readonly target: string;
  /** What it returned, on its end. */
  readonly result?: string;
  /** The bytes it wrote, on its start, when the trace holds them. */
  readonly bytes: Buffer;
}

const WHOLE = /^(?<pid>\d+) +(?<name>\w+)\((?<args>.*)\) += (?<result>.*)$/s;
const STARTED = /^(?<pid>\d+) +(?<name>\w+)\((?<args>.*) <unfinished \.\.\.>$/s;
const RESUMED = /^(?<pid>\d+) +<\.\.\. (?<name>\w+) resumed>(?<args>.*)\) += (?<result>.*)$/s;
const EXITED = /^\d+ +\+\+\+ (exited with|killed by)/;

/** Reads what `strace -f -yy -xx -o file` wrote; the calls of threads are taken apart at their two ends. */
export async function readTrace(file: string): Promise<SystemCallEnd[]> {
  const ends: SystemCallEnd[] = [];
  const started = new Map<string, SystemCallEnd>();
  for (const line of (await finished(file)).split('\n')) {
    const whole = WHOLE.exec(line)?.groups;
    const start = whole ?? STARTED.exec(line)?.groups;
    if (start !== undefined) {
      const { pid = '', name = '', args = '' } = start;
      const begun = { at: 'start', name, target: targetOf(args), bytes: bytesOf(args) } as const;
      ends.push(begun);
      if (whole !== undefined) ends.push({ ...begun, at: 'end', result: whole['result'] ?? '' });
      else started.set(pid, begun);
      continue;
    }
    const resumed = RESUMED.exec(line)?.groups;
    const begun = started.get(resumed?.['pid'] ?? '');
    if (begun !== undefined) ends.push({ ...begun, at: 'end', result: resumed?.['result'] ?? '' });
  }
  return ends;
}

/** The tracer writes its last lines after the end of the program. */
async function finished(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8');
    if (EXITED.test(text.trimEnd().split('\n').at(-1) ?? '')) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What stands behind the descriptor: `34<\x2f…>` is a path, `21<TCP:[127.0.0.1:50051->127.0.0.1:40004]>` a socket. */
function targetOf(args: string): string {
  const target = /^\d+<(.*?)>(?=,|$)/.exec(args)?.[1] ?? '';
  return target.startsWith('\\x') ? fromHex(target).toString() : target;
}

/** All strings among the arguments. */
function bytesOf(args: string): Buffer {
  return fromHex([...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) => text).join(''));
}

/** `-xx` prints each byte as \x41. */
function fromHex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
