import type { FastifyInstance } from 'fastify';
import { ListMinersRequest } from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { readFields } from '../carriers/read-fields.js';
import { CALL_MS } from '../clients.js';
import type { ClientsOf } from '../clients-of.js';
import { refusedIn } from '../field-names.js';
import { goneSignal } from '../gone-signal.js';
import { present } from '../present.js';
import { listMiners, readMiner, type MinerPath } from '../schemas/miners.js';
import { ratedMinerAnswer } from '../shapes/rated-miner.js';

/** What validators measured of the miners. */
export function addMinerRoutes(app: FastifyInstance, clientsOf: ClientsOf): void {
  app.get('/api/v1/miners', { schema: listMiners }, async (request, reply) => {
    const signal = goneSignal(reply);
    const fields = await readFields(request);
    const wanted = ListMinersRequest.create({
      pageSize: fields.integer('limit', 1) ?? 0,
      pageToken: fields.text('page_token') ?? '',
    });
    fields.check();
    const page = await clientsOf(request)
      .validators.listMiners(wanted, { signal, deadlineMs: CALL_MS })
      .catch(refusedIn(fields));
    return { miners: page.miners.map(ratedMinerAnswer), next_page_token: page.nextPageToken || null };
  });

  app.get<MinerPath>('/api/v1/miners/:hotkey', { schema: readMiner }, async (request, reply) => {
    const { hotkey } = request.params;
    const { miner } = await clientsOf(request).validators.getMiner(
      { hotkey },
      { signal: goneSignal(reply), deadlineMs: CALL_MS },
    );
    return ratedMinerAnswer(present(miner, 'miner'));
  });
}
