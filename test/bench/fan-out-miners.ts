import { createServer } from 'node:http';
import { pino } from 'pino';
import { createMinerServer } from '../../src/rpc/server.js';
import { systemClock } from '../../src/runtime/clock.js';
import type { Miner } from '../../src/miner/ports.js';
import { contract } from '../support/grpc-proxy.js';

/** Miners with a port each, which answer every question at once: over gRPC, or with the whole synapse as the SDK does. */
const [wire = '', count = '', inputBytes = ''] = process.argv.slice(2);

const OUTPUT = Buffer.from('what was said, in so many words; '.repeat(125));
const SYNAPSE = JSON.stringify({
  name: 'AudioTask',
  task_type: 'transcription',
  input_data: Buffer.alloc(Number(inputBytes), 'a').toString('base64'),
  language: 'en',
  output_data: OUTPUT.toString('base64'),
  processing_time: 1,
  pipeline_model: 'bench',
});

const miner: Miner = {
  capabilities: () =>
    Promise.resolve({
      capabilities: [{ kind: 'transcription', languages: ['en'], engine: 'bench', model: 'bench' }],
      missing: [],
      maxInputBytes: 50_000_000,
      freeSlots: 64,
      maxSlots: 64,
      hotkey: '',
      version: '',
    }),
  admit: () => ({
    engine: 'bench',
    release: () => undefined,
    forward: () =>
      Promise.resolve({
        output: OUTPUT,
        mediaType: 'text/plain; charset=utf-8',
        model: 'bench',
        segments: [],
        processingMs: 1,
      }),
  }),
};

async function openGrpc(): Promise<number> {
  const log = pino({ level: 'silent' });
  return createMinerServer({ contract: contract(), miner, clock: systemClock, log }).bind('127.0.0.1:0');
}

function openClassic(): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json', bt_header_axon_status_code: '200' });
      response.end(SYNAPSE);
    });
  });
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the server has no port'));
    });
  });
}

const ports = Array.from({ length: Number(count) }, () => (wire === 'grpc' ? openGrpc() : openClassic()));
process.send?.(await Promise.all(ports));
process.once('disconnect', () => {
  process.exit();
});
