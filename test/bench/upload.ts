import { createHash, randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CHUNK_BYTES, DEFAULT_MAX_AUDIO_BYTES } from '../../src/domain/limits.js';
import { createContentServiceClient, type ContentServiceClient } from '../../src/rpc/clients/task-clients.js';
import { BenchProxy } from './bench-proxy.js';
import { BenchViolation } from './bench-violation.js';
import { median, megabytes, rounded, type Figures } from './figures.js';

export const name = 'upload';

const BYTES = DEFAULT_MAX_AUDIO_BYTES;
const ROUNDS = 3;

/** The largest audio, up and down again, beside writing the same bytes to the same disk. */
export async function run(): Promise<Figures> {
  const proxy = await BenchProxy.start();
  const client = createContentServiceClient(proxy.channel);
  try {
    const rss = proxy.usage.rssBytes();
    proxy.usage.forgetPeak();
    const rounds: { plain: number; upload: number; download: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = randomBytes(BYTES);
      rounds.push({
        plain: await rate(() => write(join(proxy.installation.dataDir, 'plain'), bytes)),
        upload: await rate(() => upload(client, bytes)),
        download: await rate(() => download(client, bytes)),
      });
    }
    const middle = (side: 'plain' | 'upload' | 'download') =>
      rounded(median(rounds.map((round) => round[side])), 1);
    return {
      megabytes: megabytes(BYTES),
      write_and_fsync_mb_per_second: middle('plain'),
      upload_mb_per_second: middle('upload'),
      download_mb_per_second: middle('download'),
      rss_mb: { before: megabytes(rss), peak: megabytes(proxy.usage.peakRssBytes()) },
    };
  } finally {
    client.close();
    await proxy.dispose();
  }
}

/** @returns megabytes a second */
async function rate(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return megabytes(BYTES) / ((performance.now() - start) / 1000);
}

async function write(file: string, bytes: Buffer): Promise<void> {
  const handle = await open(file, 'w');
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    await handle.write(bytes.subarray(at, at + CHUNK_BYTES));
  await handle.sync();
  await handle.close();
  await rm(file);
}

async function upload(client: ContentServiceClient, bytes: Buffer): Promise<void> {
  const header = { sha256: '', offset: 0n, leaseToken: '' };
  const { sizeBytes } = await client.uploadContent(chunks(bytes), header);
  if (sizeBytes !== BigInt(bytes.length))
    throw new BenchViolation(`${sizeBytes} of ${bytes.length} bytes arrived`);
}

// eslint-disable-next-line @typescript-eslint/require-await -- the client takes chunks as they come
async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function download(client: ContentServiceClient, bytes: Buffer): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  let received = 0;
  for await (const { data } of client.downloadContent({ sha256, offset: 0n, maxBytes: 0n, leaseToken: '' }))
    received += data.length;
  if (received !== bytes.length) throw new BenchViolation(`${received} of ${bytes.length} bytes came back`);
}
