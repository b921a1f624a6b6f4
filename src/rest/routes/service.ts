import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  GetIntegrationInfoRequest,
  type GetIntegrationInfoResponse,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import { goneSignal } from '../gone-signal.js';
import { readHealth, readIntegration } from '../schemas/service.js';
import { healthAnswer, integrationAnswer } from '../shapes/integration.js';

/** The state of service, network and queue. */
export function addServiceRoutes(app: FastifyInstance, clients: BridgeClients): void {
  for (const url of ['/api/v1/health', '/health']) {
    app.get(url, { schema: readHealth }, async (_request, reply) => healthAnswer(await read(clients, reply)));
  }
  app.get('/api/v1/validator/integration', { schema: readIntegration }, async (_request, reply) =>
    integrationAnswer(await read(clients, reply)),
  );
}

function read(clients: BridgeClients, reply: FastifyReply): Promise<GetIntegrationInfoResponse> {
  return clients.validators.getIntegrationInfo(GetIntegrationInfoRequest.create(), {
    signal: goneSignal(reply),
    deadlineMs: CALL_MS,
  });
}
