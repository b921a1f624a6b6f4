import { parentPort, workerData } from 'node:worker_threads';
import { argon2i } from 'hash-wasm';

/** The same for every file, so that a password always gives the same key. */
const SALT = Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex');

/** libsodium's limits called "sensitive": 8 passes over 512 MiB. */
const key = await argon2i({
  password: Buffer.from(workerData as string),
  salt: SALT,
  iterations: 8,
  memorySize: 524_288,
  parallelism: 1,
  hashLength: 32,
  outputType: 'binary',
});
parentPort?.postMessage(key);
