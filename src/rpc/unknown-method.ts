import { type Server, type ServerDuplexStream, type StatusObject } from '@grpc/grpc-js';
import { Refusal } from '../domain/errors.js';
import { toStatus } from './status.js';

/** What grpc-js 1.14 looks up a call's handler with; private to it. */
interface HandlerLookup {
  _retrieveHandler?: (path: string) => object | null;
}

/**
 * Lets unknown methods end like every other refused call. By itself grpc-js answers them outside of
 * calls and interceptors, without details and uncounted; should the lookup change its name, that is
 * what happens again.
 */
export function refuseUnknownMethods(server: Server): void {
  const lookup = server as unknown as HandlerLookup;
  const known = lookup._retrieveHandler?.bind(server);
  if (known === undefined) return;
  lookup._retrieveHandler = (path) => known(path) ?? unknownMethod(path);
}

function unknownMethod(path: string): object {
  return {
    path,
    type: 'bidi',
    serialize: (bytes: Buffer) => bytes,
    deserialize: (bytes: Buffer) => bytes,
    func: (
      call: ServerDuplexStream<Buffer, Buffer> & { emit(event: 'error', status: StatusObject): boolean },
    ) => {
      call.emit(
        'error',
        toStatus(new Refusal('UNIMPLEMENTED', `this server has no ${path}`, { metadata: { method: path } })),
      );
    },
  };
}
