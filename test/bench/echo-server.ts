import { Metadata, Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { ECHO } from './echo.js';

/** What no delivery can be faster than: writes each unary request to the one stream at once. */
let watcher: ServerWritableStream<Buffer, Buffer> | undefined;

const server = new Server();
server.addService(ECHO, {
  send: (call: { request: Buffer }, callback: (error: null, bytes: Buffer) => void) => {
    watcher?.write(call.request);
    callback(null, Buffer.alloc(0));
  },
  watch: (call: ServerWritableStream<Buffer, Buffer>) => {
    watcher = call;
    call.sendMetadata(new Metadata());
  },
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.(port);
});
process.once('disconnect', () => {
  process.exit();
});
