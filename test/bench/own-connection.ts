import type { Channel } from '../../src/rpc/clients/channel.js';

/** Clients of the result share no connection with others. */
export function ownConnection(channel: Channel): Channel {
  return { ...channel, options: { ...channel.options, 'grpc.use_local_subchannel_pool': 1 } };
}
