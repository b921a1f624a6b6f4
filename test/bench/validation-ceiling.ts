import { Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';
import { SubmitTaskRequest, TaskServiceService } from '../../gen/ts/audiosubnet/v1/task_service.js';
import { loadContract } from '../../src/rpc/contract.js';
import { requestReader } from '../../src/rpc/read-message.js';

/**
 * What no handler can exceed: a bare grpc-js server, a process of its own as the proxy is, that decodes
 * and validates a SubmitTask as the proxy does and answers an empty message.
 */
const { path } = TaskServiceService.submitTask;
const read = requestReader(loadContract(), path, (bytes) => SubmitTaskRequest.decode(bytes));
const EMPTY = Buffer.alloc(0);
const identity = (bytes: Buffer) => bytes;

const server = new Server();
server.addService(
  {
    submitTask: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  {
    submitTask: (
      { request }: ServerUnaryCall<Buffer, Buffer>,
      callback: (error: Error | null, answer?: Buffer) => void,
    ) => {
      const { violations } = read(request);
      if (violations.length > 0) callback(new Error('the request breaks a rule'));
      else callback(null, EMPTY);
    },
  },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.(port);
});
process.once('disconnect', () => {
  process.exit();
});
