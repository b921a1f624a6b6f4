import { expect } from 'chai';
import { anonymousScopes, isLoopback } from '../../../src/auth/anonymous.js';

describe('anonymousScopes()', () => {
  const table = [
    { onLoopback: true, allowed: false, everCreated: false, may: 'submit,read,validate' },
    { onLoopback: true, allowed: true, everCreated: false, may: 'submit,read,validate' },
    { onLoopback: true, allowed: false, everCreated: true, may: undefined },
    { onLoopback: true, allowed: true, everCreated: true, may: 'submit,read' },
    { onLoopback: false, allowed: false, everCreated: false, may: undefined },
    { onLoopback: false, allowed: true, everCreated: false, may: 'submit,read' },
    { onLoopback: false, allowed: false, everCreated: true, may: undefined },
    { onLoopback: false, allowed: true, everCreated: true, may: 'submit,read' },
  ];
  for (const { may, everCreated, ...rules } of table)
    it(`gives ${String(may)} for ${JSON.stringify({ ...rules, everCreated })}`, () => {
      expect(anonymousScopes(rules, everCreated)?.join()).to.equal(may);
    });
});

describe('isLoopback()', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', '::1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1'])
    it(`holds for ${host}`, () => expect(isLoopback(host)).to.equal(true));
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'fe80::1',
    'example.org',
    '::ffff:10.0.0.1',
    'localhost.example',
  ])
    it(`does not hold for ${host}`, () => expect(isLoopback(host)).to.equal(false));
});
