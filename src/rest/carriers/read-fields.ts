import type { FastifyRequest } from 'fastify';
import { Fields } from './fields.js';
import { readMultipart, type OnFile } from './multipart.js';

/** The fields of a request from its body, whatever the media type, and its query. */
export async function readFields(
  request: FastifyRequest,
  onFile: Readonly<Record<string, OnFile>> = {},
): Promise<Fields> {
  const body = request.isMultipart() ? await readMultipart(request, onFile) : record(request.body);
  return new Fields(body, queryOf(request));
}

/** The last one of a repeated field counts. */
function queryOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  const entries = Object.entries(record(request.query));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  );
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
