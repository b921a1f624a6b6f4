import type { BridgeClients } from '../rest/clients.js';
import { createSharedChannel } from '../rpc/clients/channel.js';
import {
  createContentServiceClient,
  createTaskServiceClient,
  createValidatorIntegrationClient,
  createWebhookServiceClient,
} from '../rpc/clients/task-clients.js';
import type { Lifecycle } from '../runtime/lifecycle.js';

/** The gRPC API at an address, `host:port` or `unix:<path>`, for a bridge. */
export function openBridgeClients(address: string, lifecycle: Lifecycle): BridgeClients {
  const channel = createSharedChannel(address);
  const clients = {
    tasks: createTaskServiceClient(channel),
    content: createContentServiceClient(channel),
    validators: createValidatorIntegrationClient(channel),
    webhooks: createWebhookServiceClient(channel),
  };
  lifecycle.onStop('clients', () => {
    for (const client of Object.values(clients)) client.close();
  });
  return clients;
}
