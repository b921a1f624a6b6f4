import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  GetIntegrationInfoRequest,
  type GetIntegrationInfoResponse,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { CALL_MS, type BridgeClients } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { goneSignal } from '../gone-signal.js';
import { readHealth, readIntegration } from '../schemas/service.js';
import { healthAnswer, integrationAnswer } from '../shapes/integration.js';

/**
 * The state of service, network and queue.
 *
 * @param clients for the health, which no wrong key makes worse
 */
export function addServiceRoutes(app: FastifyInstance, clientsOf: ClientsOf, clients: BridgeClients): void {
  for (const url of ['/api/v1/health', '/health']) {
    app.get(url, { schema: readHealth }, async (_request, reply) => healthAnswer(await read(clients, reply)));
  }
  app.get('/api/v1/validator/integration', { schema: readIntegration }, async (request, reply) =>
    integrationAnswer(await read(clientsOf(request), reply)),
  );
}

function read(clients: BridgeClients, reply: FastifyReply): Promise<GetIntegrationInfoResponse> {
  return clients.validators.getIntegrationInfo(GetIntegrationInfoRequest.create(), {
    signal: goneSignal(reply),
    deadlineMs: CALL_MS,
  });
}
