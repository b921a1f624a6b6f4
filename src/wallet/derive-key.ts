import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * The key that a password stands for in btwallet: argon2i over 512 MiB. 32 bytes.
 *
 * In a thread of its own: it takes 5 to 6 s, and the memory of a WebAssembly goes back when its thread ends (600 MB
 * resident before, 55 MB after). Of the libraries tried, hash-wasm took 5.9 s, libsodium's wasm 4.8 s at ten
 * times the size, @noble/hashes 46 s.
 */
export async function deriveKey(password: string): Promise<Uint8Array> {
  const worker = new Worker(new URL('./derive-key-worker.js', import.meta.url), { workerData: password });
  try {
    const [key] = (await once(worker, 'message')) as [Uint8Array];
    return key;
  } finally {
    await worker.terminate();
  }
}
