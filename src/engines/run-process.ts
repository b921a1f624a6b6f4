import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Refusal } from '../domain/errors.js';

/** The end of standard error that is kept for messages, in characters. */
const STDERR_TAIL = 2_000;

export interface ProcessWork {
  /** Path of the executable; no shell reads it or the arguments. */
  readonly file: string;
  readonly args: readonly string[];
  /** Sent to standard input, then closed. */
  readonly stdin?: Uint8Array;
  /** Gets standard output piece by piece; what it throws kills the process and is thrown on. */
  readonly onStdout?: (chunk: Buffer) => void;
  /** The same for standard error. */
  readonly onStderr?: (chunk: Buffer) => void;
  /** Working directory; that of this process when absent. */
  readonly folder?: string;
  readonly limits?: ProcessLimits;
  /** Given to our own scripts alone: others get nothing but PATH and a UTF-8 locale. */
  readonly inheritEnvironment?: boolean;
  readonly signal: AbortSignal;
}

/** What the system ends a process for. */
export interface ProcessLimits {
  /** Of data, in KiB: what is reserved alone does not count. */
  readonly memoryKib: number;
  /** Of processor time, in seconds. */
  readonly cpuSeconds: number;
}

/**
 * Runs a process to its end and returns the end of what it wrote to standard error. Resolves or
 * rejects only after the process is gone, so that its files can be removed then. An abort kills it.
 *
 * @throws Refusal ENGINE_FAILED when it cannot start or ends with anything but 0; the signal's reason
 */
export async function runProcess(work: ProcessWork): Promise<string> {
  work.signal.throwIfAborted();
  const [file, args] = work.limits === undefined ? [work.file, work.args] : limited(work, work.limits);
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(work.folder === undefined ? {} : { cwd: work.folder }),
    ...(work.inheritEnvironment === true
      ? {}
      : { env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' } }),
  });
  const watched = watch(child, work);
  const kill = (): void => void child.kill('SIGKILL');
  work.signal.addEventListener('abort', kill, { once: true });
  try {
    await ended(child, work.file);
  } finally {
    work.signal.removeEventListener('abort', kill);
  }
  work.signal.throwIfAborted();
  if (watched.thrown !== undefined) throw watched.thrown.error;
  if (child.exitCode !== 0) throw failure(work.file, child, watched.stderr);
  return watched.stderr;
}

/** Through a shell, which alone can set limits everywhere; file and arguments are no part of what it reads. */
function limited(
  { file, args }: ProcessWork,
  { memoryKib, cpuSeconds }: ProcessLimits,
): readonly [string, readonly string[]] {
  const script = `ulimit -d ${memoryKib} && ulimit -t ${cpuSeconds} && exec "$0" "$@"`;
  return ['/bin/sh', ['-c', script, file, ...args]];
}

interface Watched {
  stderr: string;
  thrown?: { readonly error: unknown };
}

function watch(child: ChildProcess, work: ProcessWork): Watched {
  const watched: Watched = { stderr: '' };
  const pass = (take: () => void): void => {
    if (watched.thrown !== undefined) return;
    try {
      take();
    } catch (error) {
      watched.thrown = { error };
      child.kill('SIGKILL');
    }
  };
  child.stdout?.on('data', (chunk: Buffer) => pass(() => work.onStdout?.(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => {
    watched.stderr = (watched.stderr + chunk.toString('utf8')).slice(-STDERR_TAIL);
    pass(() => work.onStderr?.(chunk));
  });
  // A process that ends before it read its input breaks the pipe; its exit code tells why.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => undefined);
  // The one that matters is seen by ended(); a later one must not end this process.
  child.on('error', () => undefined);
  child.stdin?.end(work.stdin);
  return watched;
}

async function ended(child: ChildProcess, file: string): Promise<void> {
  try {
    await once(child, 'close');
  } catch (cause) {
    throw new Refusal('ENGINE_FAILED', `${baseName(file)} cannot be started: ${String(cause)}`, { cause });
  }
}

function failure(file: string, child: ChildProcess, stderr: string): Refusal {
  const how = child.signalCode === null ? `code ${String(child.exitCode)}` : `signal ${child.signalCode}`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  const metadata = {
    process: baseName(file),
    stderr: said,
    ...(child.exitCode === null ? {} : { code: String(child.exitCode) }),
  };
  return new Refusal('ENGINE_FAILED', `${baseName(file)} ended with ${how}: ${said || 'no message'}`, {
    metadata,
  });
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
