import { messageOf } from '../runtime/message-of.js';

/** Why a program cannot start, in one line that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What a listener that could not listen means to the operator. */
export function listenError(error: unknown, address: string, cure: string): Error {
  const text = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // grpc-js puts the code of the system into its message alone.
  const is = (name: string) => code === name || text.includes(name);
  if (is('EADDRINUSE'))
    return new StartError(
      `cannot listen on ${address}: the port is in use by another program; stop it, or ${cure}`,
    );
  if (is('EACCES')) return new StartError(`cannot listen on ${address}: not allowed; ${cure}`);
  if (is('EADDRNOTAVAIL') || is('ENOTFOUND'))
    return new StartError(`cannot listen on ${address}: this machine has no such address; ${cure}`);
  return new StartError(`cannot listen on ${address} (${text}); ${cure}`, { cause: error });
}

/** An address as URLs and gRPC write it. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
