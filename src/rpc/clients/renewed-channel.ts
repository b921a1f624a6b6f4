import {
  Channel as GrpcChannel,
  status as Code,
  type ChannelCredentials,
  type ChannelInterface,
  type ChannelOptions,
} from '@grpc/grpc-js';

type Call = ReturnType<ChannelInterface['createCall']>;

/**
 * Calls of one connection that are open or ended before their time. Node's HTTP/2 closes a connection, with all its
 * calls, on which more than 1,000 streams were reset in a burst (refilled with 33 a second), and every call that is
 * given up is a stream reset.
 */
const MAX_RESETS = 900;

interface Connection {
  readonly channel: GrpcChannel;
  open: number;
  /** Calls that may have been reset. */
  spent: number;
}

/**
 * A channel for the calls of many callers, none of whom can end the calls of the others by giving up many of its own: a
 * connection on which too many could be reset gets no more calls and is closed when its last one ends.
 */
export class RenewedChannel implements ChannelInterface {
  readonly #connect: () => GrpcChannel;
  readonly #connections = new Set<Connection>();
  #current: Connection;

  constructor(target: string, credentials: ChannelCredentials, options: ChannelOptions) {
    // Channels of the same target share their connections otherwise.
    const own = { ...options, 'grpc.use_local_subchannel_pool': 1 };
    this.#connect = () => new GrpcChannel(target, credentials, own);
    this.#current = this.#renew();
  }

  createCall(...asked: Parameters<ChannelInterface['createCall']>): Call {
    const before = this.#current;
    if (before.open + before.spent >= MAX_RESETS) {
      this.#renew();
      if (before.open === 0) this.#close(before);
    }
    const connection = this.#current;
    connection.open += 1;
    return watched(connection.channel.createCall(...asked), (isWhole) => {
      connection.open -= 1;
      if (!isWhole) connection.spent += 1;
      if (connection.open === 0 && connection !== this.#current) this.#close(connection);
    });
  }

  close(): void {
    for (const connection of this.#connections) this.#close(connection);
  }

  getTarget(): string {
    return this.#current.channel.getTarget();
  }

  getConnectivityState(
    ...asked: Parameters<ChannelInterface['getConnectivityState']>
  ): ReturnType<ChannelInterface['getConnectivityState']> {
    return this.#current.channel.getConnectivityState(...asked);
  }

  watchConnectivityState(...asked: Parameters<ChannelInterface['watchConnectivityState']>): void {
    this.#current.channel.watchConnectivityState(...asked);
  }

  getChannelzRef(): ReturnType<ChannelInterface['getChannelzRef']> {
    return this.#current.channel.getChannelzRef();
  }

  #renew(): Connection {
    this.#current = { channel: this.#connect(), open: 0, spent: 0 };
    this.#connections.add(this.#current);
    return this.#current;
  }

  #close(connection: Connection): void {
    this.#connections.delete(connection);
    connection.channel.close();
  }
}

/** @param ended called once; whole is a call that both sides ended, so that nothing of it was reset */
function watched(call: Call, ended: (isWhole: boolean) => void): Call {
  let isHalfClosed = false;
  const start = call.start.bind(call);
  const halfClose = call.halfClose.bind(call);
  call.halfClose = () => {
    isHalfClosed = true;
    halfClose();
  };
  call.start = (metadata, listener) => {
    start(metadata, {
      onReceiveMetadata: (received) => {
        listener.onReceiveMetadata(received);
      },
      onReceiveMessage: (message) => {
        listener.onReceiveMessage(message);
      },
      onReceiveStatus: (status) => {
        ended(isHalfClosed && status.code === Code.OK);
        listener.onReceiveStatus(status);
      },
    });
  };
  return call;
}
