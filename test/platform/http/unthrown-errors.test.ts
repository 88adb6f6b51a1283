import { setImmediate as turn } from 'node:timers/promises';
import Koa, { type Context } from 'koa';
import { spareStacks } from '../../../src/platform/http/unthrown-errors.ts';

describe('an error that ctx.assert would throw', () => {
  const koa = new Koa();
  spareStacks(koa.context);
  const ctx: Context = koa.context as unknown as Context;
  const build = (built: Error[]) => {
    built.push(new Error('not found'));
    return built[0]!;
  };

  it('has no stack, and the next error has', () => {
    const built: Error[] = [];
    ctx.assert(true, build(built) as unknown as number);
    expect(built[0]!.stack).toBe('Error: not found');
    expect(new Error('other').stack).toContain('unthrown-errors.test.ts');
  });

  it('is thrown as it is', () => {
    const error = new Error('not found');
    expect(() => ctx.assert(false, error as unknown as number)).toThrow(error);
    expect(() => ctx.assert(false, 410, 'gone')).toThrow(expect.objectContaining({ status: 410, message: 'gone' }));
  });

  it('leaves stacks as they were when nothing is asserted after all', async () => {
    const { stackTraceLimit } = Error;
    expect([typeof ctx.assert, typeof ctx.assert.equal]).toEqual(['function', 'function']);
    await turn();
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
