import {
  DownloadContentRequest,
  type DownloadContentResponse,
} from '../../gen/ts/audiosubnet/v1/content_service.js';
import type { ContentRef, TaskInput, TaskResult } from '../../gen/ts/audiosubnet/v1/task.js';
import type { BridgeClients } from './clients.js';

type Payload = NonNullable<TaskInput['payload'] | TaskResult['output']>;

export interface ReadContent {
  readonly client: BridgeClients['content'];
  readonly signal: AbortSignal;
  /** Right to read the input of a leased task. */
  readonly leaseToken?: string;
}

/** The bytes of a payload in base64, fetched when they are kept as content. */
export async function payloadBase64(payload: Payload, how: ReadContent): Promise<string> {
  if (payload.$case !== 'content') return Buffer.from(payload.value).toString('base64');
  const chunks: Buffer[] = [];
  for await (const { data } of download(payload.value, how)) chunks.push(data);
  return Buffer.concat(chunks).toString('base64');
}

export function download(
  { sha256 }: ContentRef,
  { client, signal, leaseToken = '' }: ReadContent,
): AsyncIterable<DownloadContentResponse> {
  return client.downloadContent(DownloadContentRequest.create({ sha256, leaseToken }), { signal });
}
