import { Refusal } from '../domain/errors.js';
import { createChannel } from '../rpc/clients/channel.js';
import { createContentServiceClient, createTaskServiceClient } from '../rpc/clients/task-clients.js';
import { systemClock } from '../runtime/clock.js';
import type { AudioSubnetClient, ClientOptions } from './client.js';
import { clientError } from './error.js';
import { GrpcClient } from './grpc-client.js';
import { serverAddress } from './server-address.js';

/** Connects when the first call is made. @throws AudioSubnetError INVALID_FIELD for a bad server or key */
export function createClient(options: ClientOptions = {}): AudioSubnetClient {
  try {
    const { server = 'http://localhost:8000', apiKey } = options;
    if (apiKey !== undefined && !/^[!-~]+$/.test(apiKey))
      throw Refusal.field('apiKey', 'must be printable ASCII without spaces');
    const channel = createChannel(serverAddress(server), apiKey);
    const [tasks, content] = [createTaskServiceClient(channel), createContentServiceClient(channel)];
    return new GrpcClient({ tasks, content, clock: systemClock, random: Math.random });
  } catch (error) {
    throw clientError(error);
  }
}
