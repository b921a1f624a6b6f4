import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { callRefusal } from '../rpc/clients/promise-call.js';
import { MAX_INLINE_REQUEST_BYTES } from '../domain/limits.js';

/** What is under way of an upload to a slow server is counted in messages, 16 at each end. */
const PIECE_BYTES = 64 * 1024;

/** Audio to hand in: bytes, the path of a file, or a stream, which is kept in a temporary file when it is long. */
export type AudioSource = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Bytes that can be read again from any offset, as a resumed upload needs them. */
export interface OpenAudio {
  readonly sizeBytes: number;
  /** Of the path. */
  readonly fileName?: string;
  /** @param offset at most `sizeBytes` */
  readonly read: (offset: number) => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** @throws Error of the system for a file that cannot be read, Refusal when the signal aborts */
export async function openAudio(source: AudioSource, signal: AbortSignal): Promise<OpenAudio> {
  if (source instanceof Uint8Array) return ofBytes(source);
  if (typeof source !== 'string') return ofStream(source, signal);
  const file = await open(source, 'r');
  try {
    const facts = await file.stat();
    // A pipe or a device has no offsets.
    const opened = facts.isFile()
      ? ofFile(file, facts.size, () => file.close())
      : await ofStream(file.createReadStream(), signal);
    return { ...opened, fileName: basename(source) };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/** Reads all of it once. @throws Refusal when the signal aborts */
export async function sha256Of(audio: OpenAudio, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of audio.read(0)) {
    throwIfAborted(signal);
    hash.update(chunk);
  }
  return hash.digest('hex');
}

export async function readAll(audio: OpenAudio): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of audio.read(0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function ofBytes(bytes: Uint8Array): OpenAudio {
  return {
    sizeBytes: bytes.byteLength,
    async *read(offset) {
      for (let at = offset; at < bytes.byteLength; at += PIECE_BYTES)
        yield await Promise.resolve(bytes.subarray(at, at + PIECE_BYTES));
    },
    close: () => Promise.resolve(),
  };
}

function ofFile(file: FileHandle, sizeBytes: number, close: () => Promise<void>): OpenAudio {
  return {
    sizeBytes,
    async *read(offset) {
      for (let at = offset; at < sizeBytes;) {
        const buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, sizeBytes - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        // The file shrank; the server will say that bytes are missing.
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    close,
  };
}

/** Short ones stay in memory. */
async function ofStream(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<OpenAudio> {
  const head: Uint8Array[] = [];
  let bytes = 0;
  let file: FileHandle | undefined;
  try {
    for await (const chunk of stream) {
      throwIfAborted(signal);
      bytes += chunk.byteLength;
      if (file === undefined) head.push(chunk);
      else await file.appendFile(chunk);
      if (file !== undefined || bytes <= MAX_INLINE_REQUEST_BYTES) continue;
      file = await namelessFile();
      for (const early of head.splice(0)) await file.appendFile(early);
    }
  } catch (error) {
    await file?.close();
    throw error;
  }
  if (file === undefined) return ofBytes(Buffer.concat(head));
  const kept = file;
  return ofFile(kept, bytes, () => kept.close());
}

/** It goes with its handle, whatever becomes of this process. */
async function namelessFile(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'audio-subnet-upload-'));
  try {
    return await open(join(folder, 'audio'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw callRefusal(undefined, signal);
}
