import { Refusal } from '../domain/errors.js';

/**
 * The gRPC target of a server.
 *
 * @param server `http://host:port`, of the front door or of gRPC alone
 * @throws Refusal INVALID_FIELD
 */
export function serverAddress(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'http:')
    throw Refusal.field('server', `${server} must be an http:// URL such as http://localhost:8000`);
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw Refusal.field('server', `${server} must have a host and a port alone`);
  return `${url.hostname}:${url.port === '' ? '80' : url.port}`;
}
