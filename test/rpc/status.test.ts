import { Metadata, status as Code } from '@grpc/grpc-js';
import { expect } from 'chai';
import { ErrorReason } from '../../gen/ts/audiosubnet/v1/task.js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../gen/ts/google/rpc/error_details.js';
import { Status } from '../../gen/ts/google/rpc/status.js';
import { REASONS, Refusal } from '../../src/domain/errors.js';
import {
  fromRpcStatus,
  fromServiceError,
  grpcCode,
  httpCode,
  toRpcStatus,
  toStatus,
} from '../../src/rpc/status.js';

function details(error: unknown): Status {
  return Status.decode(toStatus(error).metadata.get('grpc-status-details-bin')[0] as Buffer);
}

function serviceError(code: Code, text: string, metadata = new Metadata()) {
  return Object.assign(new Error(`${code} ${text}`), { code, details: text, metadata });
}

describe('status table', () => {
  it('knows the same reasons as the contract', () => {
    const reasons = Object.keys(ErrorReason).filter(
      (name) => !['UNSPECIFIED', 'UNRECOGNIZED'].includes(name),
    );
    expect([...REASONS].sort()).to.deep.equal(reasons.sort());
  });

  it('gives every reason an error code and an HTTP error', () => {
    for (const reason of REASONS) {
      expect(grpcCode(reason), reason).to.be.within(1, 16);
      expect(httpCode(reason), reason).to.be.within(400, 599);
    }
  });
});

describe('toStatus()', () => {
  it('packs one ErrorInfo, then the violations and the delay', () => {
    const status = details(
      new Refusal('QUEUE_FULL', 'full', {
        metadata: { limit: '7' },
        violations: [{ field: 'a.b', description: 'bad' }],
        retryAfterMs: 1500,
      }),
    );
    expect(status.code).to.equal(Code.RESOURCE_EXHAUSTED);
    expect(status.message).to.equal('full');
    const [info, bad, retry] = status.details;
    expect(status.details).to.have.length(3);
    expect(ErrorInfo.decode(info!.value)).to.deep.equal({
      reason: 'QUEUE_FULL',
      domain: 'audio-subnet',
      metadata: { limit: '7' },
    });
    expect(BadRequest.decode(bad!.value).fieldViolations[0]).to.include({ field: 'a.b', description: 'bad' });
    expect(RetryInfo.decode(retry!.value).retryDelay).to.deep.equal({ seconds: 1n, nanos: 500_000_000 });
  });

  it('tells nothing of an unexpected error', () => {
    const status = toStatus(new Error('password is hunter2'));
    expect(status).to.include({ code: Code.INTERNAL, details: 'internal error' });
    expect(JSON.stringify(details(new Error('password is hunter2')))).not.to.contain('hunter2');
  });

  it('says CANCELLED of an abort and DEADLINE_EXCEEDED of a timeout', () => {
    expect(toStatus(new DOMException('gone', 'AbortError')).code).to.equal(Code.CANCELLED);
    expect(toStatus(new DOMException('late', 'TimeoutError')).code).to.equal(Code.DEADLINE_EXCEEDED);
  });

  it('bounds texts and violations, so that the trailers stay small', () => {
    const violations = Array.from({ length: 500 }, () => ({ field: 'f'.repeat(2000), description: 'd' }));
    const status = toStatus(new Refusal('INVALID_FIELD', 'm'.repeat(100_000), { violations }));
    expect(status.details).to.have.length(500);
    expect((status.metadata.get('grpc-status-details-bin')[0] as Buffer).length).to.be.below(16_000);
  });

  it('sends no lone surrogates, which no trailer can hold', () => {
    expect(() => encodeURI(toStatus(new Refusal('INVALID_FIELD', 'a\ud800b')).details)).not.to.throw();
  });
});

describe('fromRpcStatus()', () => {
  it('is the inverse of toRpcStatus() for every reason', () => {
    for (const reason of REASONS) {
      const refusal = new Refusal(reason, 'grüße', {
        metadata: { id: '1' },
        violations: [{ field: 'x', description: 'y' }],
        retryAfterMs: 250,
      });
      expect(fromRpcStatus(toRpcStatus(refusal))).to.deep.include({
        reason,
        message: 'grüße',
        metadata: { id: '1' },
        violations: [{ field: 'x', description: 'y' }],
        retryAfterMs: 250,
      });
    }
  });
});

describe('fromServiceError()', () => {
  it('falls back to the code when there are no details', () => {
    const refusal = fromServiceError(serviceError(Code.UNAVAILABLE, 'No connection established'));
    expect(refusal).to.include({ reason: 'UNAVAILABLE', message: 'No connection established' });
  });

  it('falls back to the code when the details are of another domain or no details at all', () => {
    const value = Buffer.from(
      ErrorInfo.encode({ reason: 'TASK_NOT_FOUND', domain: 'other', metadata: {} }).finish(),
    );
    const foreign = Status.create({ code: 16, details: [{ typeUrl: 't/google.rpc.ErrorInfo', value }] });
    for (const bytes of [Buffer.from(Status.encode(foreign).finish()), Buffer.from([0xff, 0xff])]) {
      const metadata = new Metadata();
      metadata.set('grpc-status-details-bin', bytes);
      expect(fromServiceError(serviceError(Code.UNAUTHENTICATED, 'no', metadata)).reason).to.equal(
        'UNAUTHENTICATED',
      );
    }
  });
});
