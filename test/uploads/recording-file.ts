import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

const CHUNK = 4 * 1024 * 1024;

/** A file of bytes that nobody uploaded before. @returns their SHA-256 */
export async function writeRecording(path: string, sizeBytes: number): Promise<string> {
  // A key stream is as random as it need be, and much faster than random bytes.
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const hash = createHash('sha256');
  const zeros = Buffer.alloc(CHUNK);
  const file = await open(path, 'w');
  for (let at = 0; at < sizeBytes; at += CHUNK) {
    const bytes = stream.update(zeros.subarray(0, Math.min(CHUNK, sizeBytes - at)));
    hash.update(bytes);
    await file.write(bytes);
  }
  await file.close();
  return hash.digest('hex');
}
