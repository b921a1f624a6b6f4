import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findExecutable } from '../../src/engines/find-executable.js';

const execute = promisify(execFile);

/** Why a case that needs the load generator cannot run; absent when it can. */
export async function missingH2load(): Promise<string | undefined> {
  if ((await findExecutable('h2load')) !== undefined) return undefined;
  return 'h2load is not installed (Debian package nghttp2-client)';
}

/** How hard a server is pressed. */
export interface Pressure {
  readonly connections: number;
  /** Requests under way on each of them. */
  readonly streams: number;
}

export interface Shot extends Pressure {
  readonly url: string;
  readonly requests: number;
  /** File whose bytes each request carries. */
  readonly data: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly http1?: boolean;
}

/** What came of it. */
export interface Hits {
  readonly perSecond: number;
  /** Milliseconds of each request. */
  readonly timesMs: readonly number[];
}

/** Sends requests with a native load generator. @throws Error when one was not answered with 200 */
export async function h2load({
  url,
  requests,
  connections,
  streams,
  data,
  headers,
  http1,
}: Shot): Promise<Hits> {
  const log = `${data}.log`;
  await rm(log, { force: true });
  const { stdout } = await execute('h2load', [
    ...['-n', `${requests}`, '-c', `${connections}`, '-m', `${streams}`, '-t', '1', '-d', data],
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(http1 === true ? ['--h1'] : []),
    ...['--log-file', log, url],
  ]);
  const perSecond = Number(/finished in [^,]+, ([\d.]+) req\/s/.exec(stdout)?.[1]);
  // A line a request: start in microseconds, status, duration in microseconds.
  const lines = (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const good = lines.filter(([, status]) => status === '200');
  if (good.length !== requests || Number.isNaN(perSecond))
    throw new Error(`${requests - good.length} requests were not answered with 200:\n${stdout}`);
  return { perSecond, timesMs: good.map(([, , us]) => Number(us) / 1000) };
}
