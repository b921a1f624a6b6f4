import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { status as Code } from '@grpc/grpc-js';
import { expect } from 'chai';
import {
  ServerReflectionClient,
  ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../gen/ts/grpc/reflection/v1/reflection.js';
import { openGrpcMiner } from '../support/grpc-miner.js';
import { openGrpcProxy, type GrpcProxy } from '../support/grpc-proxy.js';
import { ManualClock } from '../unit/validator/manual-clock.js';

const run = promisify(execFile);
const BUF = 'node_modules/.bin/buf';
const SERVICES = [
  'audiosubnet.v1.ContentService',
  'audiosubnet.v1.TaskService',
  'audiosubnet.v1.ValidatorIntegration',
  'audiosubnet.v1.WebhookService',
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];
const SUBMIT = JSON.stringify({ task: { tts: { text: 'Hello world' }, language: 'en' } });

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Asks one stream for several symbols. */
async function ask(proxy: GrpcProxy, symbols: readonly string[]) {
  const client = new ServerReflectionClient(proxy.channel.address, proxy.channel.credentials);
  const call = client.serverReflectionInfo();
  for (const value of symbols) {
    call.write(ServerReflectionRequest.create({ messageRequest: { $case: 'fileContainingSymbol', value } }));
  }
  call.end();
  const answers: ServerReflectionResponse['messageResponse'][] = [];
  for await (const answer of call as AsyncIterable<ServerReflectionResponse>)
    answers.push(answer.messageResponse);
  client.close();
  return answers;
}

describe('reflection', () => {
  let proxy: GrpcProxy;
  before(async () => {
    proxy = await openGrpcProxy();
  });
  after(() => proxy.close());

  it('answers a symbol with its file and all that it imports, imports first', async () => {
    const symbols = ['audiosubnet.v1.TaskSpec', 'audiosubnet.v1.TaskService.SubmitTask', 'no.such.Thing'];
    const [spec, method, unknown] = await ask(proxy, symbols);
    if (spec?.$case !== 'fileDescriptorResponse') throw new Error('no files');
    const names = spec.value.fileDescriptorProto.map(
      (file) => fromBinary(FileDescriptorProtoSchema, file).name,
    );
    expect(names.at(-1)).to.equal('audiosubnet/v1/task.proto');
    expect(names.indexOf('google/protobuf/descriptor.proto')).to.be.within(
      0,
      names.indexOf('buf/validate/validate.proto') - 1,
    );
    expect(method?.$case).to.equal('fileDescriptorResponse');
    expect(unknown).to.deep.include({ $case: 'errorResponse' });
    expect(unknown!.value).to.include({ errorCode: Code.NOT_FOUND });
  });

  describe('through buf curl', function () {
    this.timeout(30_000);
    const curl = (...args: string[]) =>
      run(BUF, ['curl', '--http2-prior-knowledge', '--protocol', 'grpc', ...args]);
    const at = (path: string) => `http://${proxy.channel.address}${path}`;

    it('lists the services that are served', async () => {
      const { stdout } = await curl('--list-services', at(''));
      expect(lines(stdout)).to.have.members(SERVICES);
    });

    it('calls with no proto files', async () => {
      const { stdout } = await curl('-d', SUBMIT, at('/audiosubnet.v1.TaskService/SubmitTask'));
      expect(JSON.parse(stdout)).to.have.nested.property('task.state', 'TASK_STATE_PENDING');
    });

    it('shows the details of a refusal', async () => {
      const failed = await curl('-d', '{}', at('/audiosubnet.v1.TaskService/SubmitTask')).catch(
        (error: unknown) => error as { stderr: string },
      );
      expect(failed.stderr).to.contain('google.rpc.ErrorInfo').and.to.contain('task: value is required');
    });
  });

  describe('through grpcurl', function () {
    this.timeout(30_000);
    let missing = '';
    before(async () => {
      missing = await run('grpcurl', ['-version']).then(
        () => '',
        () => 'grpcurl is not installed',
      );
    });
    const grpcurl = async (context: Mocha.Context, ...args: string[]) => {
      if (missing !== '') {
        context.test!.title += ` (skipped: ${missing})`;
        context.skip();
      }
      return (await run('grpcurl', ['-plaintext', ...args])).stdout;
    };

    it('lists the services that are served', async function () {
      expect(lines(await grpcurl(this, proxy.channel.address, 'list'))).to.have.members(SERVICES);
    });

    it('lists and describes every service, its methods and messages', async function () {
      for (const service of SERVICES) {
        const methods = lines(await grpcurl(this, proxy.channel.address, 'list', service));
        expect(methods.length, service).to.be.above(0);
        expect(await grpcurl(this, proxy.channel.address, 'describe', methods[0]!)).to.contain('is a method');
      }
      const text = await grpcurl(this, proxy.channel.address, 'describe', 'audiosubnet.v1.TaskSpec');
      expect(text).to.contain('message TaskSpec').and.to.contain('oneof kind');
    });

    it('calls unary and streaming methods and asks for health with no proto files', async function () {
      const { address } = proxy.channel;
      const submitted = await grpcurl(this, '-d', SUBMIT, address, 'audiosubnet.v1.TaskService/SubmitTask');
      const { task } = JSON.parse(submitted) as { task: { id: string } };
      proxy.queue.change(task.id as never, { state: 'cancelled', reason: 'r' });
      const watch = ['-d', JSON.stringify({ id: task.id }), address, 'audiosubnet.v1.TaskService/WatchTask'];
      expect(await grpcurl(this, ...watch)).to.contain('"cancelReason": "r"');
      expect(await grpcurl(this, address, 'grpc.health.v1.Health/Check')).to.contain('SERVING');
    });

    it('lists MinerSynapse on a miner', async function () {
      const miner = await openGrpcMiner(new ManualClock());
      try {
        const services = lines(await grpcurl(this, miner.address, 'list'));
        expect(services)
          .to.include('audiosubnet.v1.MinerSynapse')
          .and.not.include('audiosubnet.v1.TaskService');
        const answer = await grpcurl(this, miner.address, 'audiosubnet.v1.MinerSynapse/GetCapabilities');
        expect(answer).to.contain('TASK_KIND_TTS');
      } finally {
        await miner.close();
      }
    });
  });
});
