import { credentials, Metadata, type ChannelCredentials, type ClientOptions } from '@grpc/grpc-js';
import { CONNECT_BACKOFF } from '../../domain/backoff.js';
import { MAX_MESSAGE_BYTES } from '../../domain/limits.js';
import { RenewedChannel } from './renewed-channel.js';

/** Where a gRPC server is and how to talk to it; what every generated client takes. */
export interface Channel {
  /** gRPC target: `host:port`, `dns:///host:port` or `unix:/path`. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly options: ClientOptions;
  /** Metadata of every call. */
  readonly carried?: Metadata;
}

/** What a peer may send ahead of the reader, on a stream and on the connection. */
const STREAM_WINDOW_BYTES = 1024 * 1024;

/**
 * Plain-text channel. A dead peer is noticed within 30 s, also while no call is open.
 *
 * @param key API key that every call shows
 */
export function createChannel(address: string, key?: string): Channel {
  return {
    address,
    credentials: credentials.createInsecure(),
    // Not by call credentials: those grpc-js sends over TLS alone.
    ...(key !== undefined && { carried: showing(key) }),
    options: {
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 10_000,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.initial_reconnect_backoff_ms': CONNECT_BACKOFF.baseMs,
      'grpc.min_reconnect_backoff_ms': CONNECT_BACKOFF.baseMs,
      'grpc.max_reconnect_backoff_ms': CONNECT_BACKOFF.capMs,
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      // A stream of tasks of 1 KiB fills the 64 KiB of HTTP/2 in a few milliseconds and waits for each more.
      'grpc-node.flow_control_window': STREAM_WINDOW_BYTES,
      // Retries are the caller's decision; a hidden second one would repeat what is not idempotent.
      'grpc.enable_retries': 0,
    },
  };
}

/** The same for the calls of many callers, who can end each other's calls on no connection. Its clients share it. */
export function createSharedChannel(address: string): Channel {
  const channel = createChannel(address);
  const { credentials: how, options } = channel;
  return { ...channel, options: { ...options, channelOverride: new RenewedChannel(address, how, options) } };
}

function showing(key: string): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  return metadata;
}
