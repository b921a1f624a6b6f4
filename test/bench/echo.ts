import type { ServiceDefinition } from '@grpc/grpc-js';

const identity = (bytes: Buffer) => bytes;
const bytes = {
  requestSerialize: identity,
  requestDeserialize: identity,
  responseSerialize: identity,
  responseDeserialize: identity,
};

/** A service of bytes: what is sent comes out of the stream. */
export const ECHO = {
  send: { path: '/bench.Echo/Send', requestStream: false, responseStream: false, ...bytes },
  watch: { path: '/bench.Echo/Watch', requestStream: false, responseStream: true, ...bytes },
} as const satisfies ServiceDefinition;
