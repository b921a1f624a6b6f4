/** Headers that make a request a gRPC call. */
export const GRPC_HEADERS = { 'content-type': 'application/grpc', te: 'trailers' } as const;

/** A message as the body of a gRPC call: not compressed, with its length before it. */
export function grpcBody(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}
