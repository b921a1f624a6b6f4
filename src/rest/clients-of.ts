import { Metadata } from '@grpc/grpc-js';
import type { FastifyRequest } from 'fastify';
import { OUTSIDE_KEY } from '../domain/scope.js';
import type { BridgeClients } from './clients.js';

/** The gRPC API as the one who makes a request sees it: every call carries the key that the request shows. */
export type ClientsOf = (request: FastifyRequest) => BridgeClients;

/** What a request shows, under the same names in metadata. The proxy decides what it is worth. */
const SHOWN_IN = ['authorization', 'x-api-key'] as const;

/** @param isPublic others than this machine reach the bridge, which the proxy must know where it serves without a key */
export function createClientsOf(clients: BridgeClients, isPublic: boolean): ClientsOf {
  return ({ headers }) => {
    const shown = new Metadata();
    if (isPublic) shown.set(OUTSIDE_KEY, 'true');
    for (const name of SHOWN_IN) {
      const value = headers[name];
      if (typeof value === 'string') shown.set(name, printable(value));
    }
    if (Object.keys(shown.getMap()).length === 0) return clients;
    return {
      tasks: clients.tasks.carrying(shown),
      content: clients.content.carrying(shown),
      validators: clients.validators.carrying(shown),
      webhooks: clients.webhooks.carrying(shown),
    };
  };
}

/** Metadata takes nothing else, and no key has anything else. */
function printable(value: string): string {
  return value.replace(/[^ -~]/g, '?');
}
