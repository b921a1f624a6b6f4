import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { createSharedChannel } from '../../src/rpc/clients/channel.js';
import {
  createContentServiceClient,
  createTaskServiceClient,
  createValidatorIntegrationClient,
  createWebhookServiceClient,
} from '../../src/rpc/clients/task-clients.js';
import { createBridge, type Answered, type Bridge, type BridgeOptions } from '../../src/rest/bridge.js';
import type { SpeechEncoder } from '../../src/rest/openai/speech-encoder.js';
import { startRestProxy, type RestProxy } from './rest-proxy.js';

export interface OpenBridge {
  readonly bridge: Bridge;
  readonly proxy: RestProxy;
  readonly url: string;
  readonly port: number;
  readonly answered: readonly Answered[];
  readonly close: () => Promise<void>;
}

/** Says in the bytes what was asked of it. */
export const ENCODER: SpeechEncoder = {
  formats: ['flac', 'wav', 'pcm'],
  encode: (audio, format) => Promise.resolve(Buffer.from(`${format} of ${Buffer.from(audio).toString()}`)),
};

/** A bridge in front of a fresh proxy that listens by itself, or only serves what it is handed. */
export async function openBridge({
  listens = true,
  ...options
}: { readonly listens?: boolean } & Partial<BridgeOptions> = {}): Promise<OpenBridge> {
  const proxy = await startRestProxy();
  const channel = createSharedChannel(proxy.address);
  const clients = {
    tasks: createTaskServiceClient(channel),
    content: createContentServiceClient(channel),
    validators: createValidatorIntegrationClient(channel),
    webhooks: createWebhookServiceClient(channel),
  };
  const answered: Answered[] = [];
  const bridge = await createBridge({
    clients,
    log: pino({ level: 'silent' }),
    maxAudioBytes: 8 * 1024 * 1024,
    encoder: ENCODER,
    onAnswer: (answer) => answered.push(answer),
    ...options,
  });
  const { port } = listens ? await bridge.listen({ host: '127.0.0.1', port: 0 }) : { port: 0 };
  return {
    bridge,
    proxy,
    port,
    url: `http://127.0.0.1:${port}`,
    answered,
    async close() {
      await bridge.close(1_000);
      for (const client of Object.values(clients)) client.close();
      proxy.close();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === '' ? undefined : JSON.parse(text),
  };
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

export function postForm(url: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
  return call(url, { method: 'POST', body: new URLSearchParams(fields) });
}

/** A multipart body part by part, in the order given; `file` parts carry bytes. */
export function multipart(
  parts: readonly (readonly [name: string, value: string | Blob, fileName?: string])[],
): FormData {
  const form = new FormData();
  for (const [name, value, fileName] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, fileName);
  }
  return form;
}

/** A raw connection and everything it receives until it closes. */
export interface RawConnection {
  readonly socket: Socket;
  readonly received: () => string;
  /** Resolves when what was received matches. */
  readonly until: (pattern: RegExp) => Promise<string>;
  readonly closed: Promise<string>;
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  const closed = new Promise<string>((resolve) => {
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on('end', done);
    socket.on('close', done);
  });
  await once(socket, 'connect');
  return {
    socket,
    received: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(text)) resolve(text);
        };
        socket.on('data', look);
        void closed.then(() => {
          if (pattern.test(text)) resolve(text);
          else reject(new Error(`closed before ${String(pattern)}: ${text}`));
        });
        look();
      }),
    closed,
  };
}
