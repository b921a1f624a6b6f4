import { Metadata } from '@grpc/grpc-js';
import { createChannel, type Channel } from '../../src/rpc/clients/channel.js';
import type { CallOptions } from '../../src/rpc/clients/promise-call.js';

/** A call that no answer comes to is given up: a frozen connection must not hold its caller for long. */
const CALL_MS = 1_500;

/** A connection of its own that comes back soon after each break. */
export function chaosChannel(address: string): Channel {
  const channel = createChannel(address);
  return {
    ...channel,
    options: {
      ...channel.options,
      'grpc.initial_reconnect_backoff_ms': 20,
      'grpc.min_reconnect_backoff_ms': 20,
      'grpc.max_reconnect_backoff_ms': 100,
      'grpc.use_local_subchannel_pool': 1,
    },
  };
}

/** Waits for the proxy to come back, up to the deadline. */
export function patient(deadlineMs = CALL_MS): CallOptions {
  return { deadlineMs, metadata: new Metadata({ waitForReady: true }) };
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
