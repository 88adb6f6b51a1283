import { createBoxes } from '../../src/platform/encryption.ts';
import { customDataShape } from '../../src/platform/custom-data.ts';
import { BadCursor, decodeCursor, encodeCursor, toPage } from '../../src/platform/paging.ts';
import { createSemaphore } from '../../src/platform/semaphore.ts';
import { faultOfRedirectUri } from '../../src/directory/applications/redirect-uri.ts';
import { networkOf } from '../../src/authentication/credentials/rate-limits.mongo.ts';
import { isCommonPassword } from '../../src/authentication/credentials/common-passwords.ts';
import { passwordFaults } from '../../src/authentication/credentials/password.ts';
import { createGuardedFetch, isSpecialAddress } from '../../src/platform/ssrf-safe-fetch.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const key = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) });

describe('sealed boxes', () => {
  it('open with the key and for the purpose they were made with, and with no other', () => {
    const boxes = createBoxes([key('new', 1), key('old', 2)]);
    const box = boxes.seal('client_secret:x', 'ünïcode secret');
    expect(boxes.open('client_secret:x', box)).toBe('ünïcode secret');
    expect(() => boxes.open('client_secret:y', box)).toThrow('could not be decrypted');
    expect(() => createBoxes([key('new', 9)]).open('client_secret:x', box)).toThrow('could not be decrypted');
    expect(() => createBoxes([key('other', 1)]).open('client_secret:x', box)).toThrow("'new', which is not configured");
    const middle = Math.floor(box.length / 2);
    const altered = box.slice(0, middle) + (box[middle] === 'A' ? 'B' : 'A') + box.slice(middle + 1);
    expect(() => boxes.open('client_secret:x', altered)).toThrow('could not be decrypted');
  });

  it('tell which of them wait for the newest key', () => {
    const old = createBoxes([key('old', 2)]).seal('p', 's');
    const boxes = createBoxes([key('new', 1), key('old', 2)]);
    expect(boxes.isStale(old)).toBe(true);
    expect(boxes.open('p', old)).toBe('s');
    expect(boxes.isStale(boxes.seal('p', 's'))).toBe(false);
  });
});

describe('pages', () => {
  const letters = { list: 'letters', limit: 2 };
  const itself = (letter: string) => letter;
  const ahead = (key?: string) => encodeCursor('letters', { ...(key ? { key } : {}), backward: false });
  const back = (key?: string) => encodeCursor('letters', { ...(key ? { key } : {}), backward: true });

  it('know whether there is a next one and one before', () => {
    const first = toPage(letters, { items: ['a', 'b', 'c'] }, itself);
    expect(first).toEqual({ items: ['a', 'b'], next: ahead('b'), previous: null });
    const behindB = { ...letters, position: { key: 'b', backward: false } };
    expect(toPage(behindB, { items: ['c'] }, itself)).toEqual({ items: ['c'], next: null, previous: back('c') });
    expect(toPage(letters, { items: [] }, itself)).toEqual({ items: [], next: null, previous: null });
  });

  it('come in the order of the list when they are read backwards', () => {
    const beforeD = { ...letters, position: { key: 'd', backward: true } };
    expect(toPage(beforeD, { items: ['c', 'b', 'a'] }, itself)).toEqual({
      items: ['b', 'c'],
      next: ahead('c'),
      previous: back('b'),
    });
    expect(toPage(beforeD, { items: [] }, itself)).toEqual({ items: [], next: ahead(), previous: null });
  });

  it('go on where a search stopped, also when it had found nobody yet', () => {
    const page = toPage(letters, { items: [], stoppedAt: 'm' }, itself);
    expect(page).toEqual({ items: [], next: ahead('m'), previous: null });
  });

  it.each([
    '',
    'x',
    'e30',
    Buffer.from('{"l":"letters","k":1}').toString('base64url'),
    encodeCursor('numbers', { key: 'b', backward: false }),
    `${encodeCursor('letters', { key: 'b', backward: false })}=`,
  ])('refuse the cursor %s', (cursor) => {
    expect(() => decodeCursor('letters', cursor)).toThrow(BadCursor().message);
  });
});

describe('custom data', () => {
  const faultOf = (value: unknown) => customDataShape.safeParse(value).error?.issues[0];

  it('is any JSON object', () => {
    const data = { a: { b: [1, null, { c: 'ü' }] }, 'key with space': true };
    expect(customDataShape.parse(data)).toEqual(data);
  });

  it.each([
    [{ $where: 1 }, ['$where']],
    [{ a: { 'b.c': 1 } }, ['a', 'b.c']],
    [{ a: [{ $gt: 1 }] }, ['a', 0, '$gt']],
    [{ a: { '': 1 } }, ['a', '']],
    [{ 'nul\0': 1 }, ['nul\0']],
    [{ a: { _bsontype: 'Foo' } }, ['a', '_bsontype']],
  ])('points at the key that is refused in %j', (value, path) => {
    expect(faultOf(value)?.path).toEqual(path);
  });

  it('has an end in size and depth', () => {
    expect(faultOf({ a: 'x'.repeat(16 * 1024) })?.message).toContain('16384 bytes');
    expect(faultOf(JSON.parse('{"a":'.repeat(9) + '1' + '}'.repeat(9)))?.message).toContain('8 levels');
    expect(faultOf(JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown)?.message).toBeDefined();
    expect(faultOf({ a: JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown })?.message).toContain('8 levels');
    expect(faultOf(JSON.parse('{"a":'.repeat(8) + '1' + '}'.repeat(8)))).toBeUndefined();
  });
});

describe('a semaphore', () => {
  it('lets so many run at once, the others in turn, and goes on after a failure', async () => {
    const inTurn = createSemaphore(2);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const task = (name: number) => async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      order.push(name);
      if (name === 1) throw new Error('one failed');
    };
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4, 5].map((name) => inTurn(task(name))));
    expect(most).toBe(2);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});

describe('passwords', () => {
  const faults = (password: string) => passwordFaults(password, isCommonPassword).map(({ key }) => key);

  it('keep every rule, and are told every one they break', () => {
    expect(faults('Cohort#2026')).toEqual([]);
    expect(faults('')).toEqual(['length', 'upper', 'lower', 'digit', 'special']);
    expect(faults('short')).toEqual(['length', 'upper', 'digit', 'special']);
    expect(faults('NOLOWER#1')).toEqual(['lower']);
    expect(faults('Ünïcode#1')).toEqual([]);
    expect(faults(`Aa1#${'x'.repeat(130)}`)).toEqual(['long']);
  });

  it.each(['Password1!', 'Passw0rd!', 'Qwerty123!', 'P@ssw0rd'])('refuses %s, which everybody tries', (password) => {
    expect(faults(password)).toEqual(['common']);
  });
});

describe('redirect addresses', () => {
  it.each([
    'https://app.example.com/callback',
    'https://app.example.com',
    'http://localhost:8250/oidc/callback',
    'http://127.0.0.1/cb',
    'http://[::1]:9/cb',
    'com.example.app:/callback',
    'myapp://callback',
  ])('may be %s', (uri) => {
    expect(faultOfRedirectUri(uri)).toBeUndefined();
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '/callback',
    'callback',
    '',
    'http://app.example.com/',
    'https://a.example.com/#x',
    'https://*.example.com/',
    'https://user:pw@a.example.com/',
    'https://a.example.com/ x',
    ' https://a.example.com',
  ])('may not be %j', (uri) => {
    expect(faultOfRedirectUri(uri)).toEqual(expect.any(String));
  });
});

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the guarded fetch', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
  ])('calls %s special', (address) => {
    expect(isSpecialAddress(address)).toBe(true);
  });

  it.each(['1.1.1.1', '93.184.216.34', '172.32.0.1', '2606:4700:4700::1111'])('does not call %s special', (address) => {
    expect(isSpecialAddress(address)).toBe(false);
  });

  it('reaches nothing on this machine by any name of it, unless it may, and follows no redirect', async () => {
    let calls = 0;
    const server = createServer((req, res) => {
      calls += 1;
      if (req.url === '/redirect') res.writeHead(302, { location: '/' });
      res.end('inside');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const refusing = createGuardedFetch({ allowPrivate: false });
    for (const host of ['127.0.0.1', 'localhost', '0.0.0.0', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '127.1']) {
      await expect(refusing(`http://${host}:${port}/`)).rejects.toThrow();
    }
    expect(calls).toBe(0);
    const allowing = createGuardedFetch({ allowPrivate: true });
    expect(await (await allowing(`http://localhost:${port}/`)).text()).toBe('inside');
    await expect(allowing(`http://localhost:${port}/redirect`)).rejects.toThrow();
    server.close();
    server.closeAllConnections();
  });
});
