import type { ServerResponse } from 'node:http';
import type { Hotkey } from '../domain/ids.js';
import type { SynapseHeaders } from './request-headers.js';
import { failureOf, type Failure } from './status.js';

/** Python's client gives up above 8,190 bytes of one header. */
const MAX_MESSAGE = 1_000;

/** A question that is being answered. */
export interface Answering {
  readonly name: string;
  readonly self: Hotkey;
  readonly startMs: number;
  readonly now: () => number;
  readonly response: ServerResponse;
}

/** @param headers those of the question, which its caller's object is filled with again */
export function sendReply(answering: Answering, headers: SynapseHeaders, body: Uint8Array): void {
  const { response } = answering;
  response.writeHead(200, { ...head(answering, { status: 200, message: 'Success' }), ...echo(headers) });
  response.end(body);
}

export function sendFailure(
  answering: Answering,
  headers: SynapseHeaders | undefined,
  error: unknown,
): Failure {
  const failure = failureOf(error);
  const { response } = answering;
  if (response.headersSent || response.destroyed) return failure;
  response.writeHead(failure.status, {
    ...head(answering, failure),
    ...(headers === undefined ? {} : echo(headers)),
  });
  response.end(JSON.stringify({ message: failure.message }));
  return failure;
}

/** Lower-case names: clients look for exactly these. */
function head({ name, self, startMs, now, response }: Answering, { status, message }: Failure) {
  const { localAddress, localPort } = response.socket ?? {};
  return {
    'content-type': 'application/json',
    ...(name === '' ? {} : { name }),
    bt_header_axon_status_code: String(status),
    bt_header_axon_status_message: message.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_MESSAGE),
    bt_header_axon_process_time: String((now() - startMs) / 1_000),
    bt_header_axon_hotkey: self,
    ...(localAddress === undefined ? {} : { bt_header_axon_ip: localAddress }),
    ...(localPort === undefined ? {} : { bt_header_axon_port: String(localPort) }),
    header_size: '0',
    total_size: '0',
  };
}

function echo({ claim, version, timeoutMs, bodyHash }: SynapseHeaders) {
  return {
    timeout: String(timeoutMs / 1_000),
    bt_header_dendrite_hotkey: claim.hotkey,
    bt_header_dendrite_uuid: claim.uuid,
    bt_header_dendrite_nonce: String(claim.nonceNs),
    bt_header_dendrite_version: String(version),
    computed_body_hash: bodyHash,
  };
}
