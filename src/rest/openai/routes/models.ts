import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GetIntegrationInfoRequest } from '../../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { CALL_MS } from '../../clients.js';
import { goneSignal } from '../../gone-signal.js';
import type { DoorDeps } from '../doors.js';
import { MODEL_IDS, UnknownModel } from '../models.js';
import { listModels, readModel, type ModelPath } from '../schemas/doors.js';

/** When the first of them was offered, in Unix seconds: 2025-08-20. */
const CREATED = 1_755_648_000;

/** What can be named as a model. */
export function addModelRoutes(scope: FastifyInstance, { clientsOf }: DoorDeps): void {
  /** Programs list the models to learn whether server and key are right, so the proxy is asked. */
  const reachProxy = (request: FastifyRequest, reply: FastifyReply) =>
    clientsOf(request).validators.getIntegrationInfo(GetIntegrationInfoRequest.create(), {
      signal: goneSignal(reply),
      deadlineMs: CALL_MS,
    });

  scope.get('/models', { schema: listModels }, async (request, reply) => {
    await reachProxy(request, reply);
    return { object: 'list', data: MODEL_IDS.map(modelAnswer) };
  });

  scope.get<ModelPath>('/models/:model', { schema: readModel }, async (request, reply) => {
    await reachProxy(request, reply);
    const { model } = request.params;
    if (!MODEL_IDS.includes(model)) throw new UnknownModel(model, MODEL_IDS);
    return modelAnswer(model);
  });
}

function modelAnswer(id: string): object {
  return { id, object: 'model', created: CREATED, owned_by: 'audio-subnet' };
}
