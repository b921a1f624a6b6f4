import type { FastifyReply } from 'fastify';

/** Bytes that a user or a miner made. */
export interface UserContent {
  /** As they named it; not trusted. */
  readonly mediaType: string;
  readonly fileName: string;
  readonly disposition: 'inline' | 'attachment';
}

/** Media types that no browser runs; those ending in `+xml` are documents. */
const SAFE_TYPE = /^(?:(?:audio|video)\/(?![a-z0-9.+-]*\+xml$)[a-z0-9.+-]+|text\/plain; charset=utf-8)$/i;

/** Names what is sent so that it can never run as a page of this origin. */
export function nameContent(
  reply: FastifyReply,
  { mediaType, fileName, disposition }: UserContent,
): FastifyReply {
  return reply
    .header('content-type', SAFE_TYPE.test(mediaType) ? mediaType : 'application/octet-stream')
    .header('content-disposition', `${disposition}; ${fileNameParameters(fileName)}`)
    .header('content-security-policy', "sandbox; default-src 'none'; media-src 'self'")
    .header('x-content-type-options', 'nosniff');
}

/** The name twice, for readers with and without RFC 8187; no sign of it ends a quoted string. */
function fileNameParameters(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%/]/g, '_');
  if (plain === name) return `filename="${plain}"`;
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename="${plain}"; filename*=UTF-8''${encoded}`;
}
