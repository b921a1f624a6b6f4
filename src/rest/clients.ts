import type {
  ContentServiceClient,
  TaskServiceClient,
  ValidatorIntegrationClient,
  WebhookServiceClient,
} from '../rpc/clients/task-clients.js';

/** The gRPC API that the bridge stands in front of; all it knows. */
export interface BridgeClients {
  readonly tasks: TaskServiceClient;
  readonly content: ContentServiceClient;
  readonly validators: ValidatorIntegrationClient;
  readonly webhooks: WebhookServiceClient;
}

/** Longest time that one call without payload may take. */
export const CALL_MS = 30_000;
