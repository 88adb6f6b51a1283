import type Koa from 'koa';

type Assert = Koa['context']['assert'];

/**
 * `ctx.assert(found, new NotFound())` builds its error before it looks at `found`, and the stack of an error costs several times the
 * rest of it; oidc-provider asserts three times in each successful userinfo. An error that is built between `ctx.assert` and
 * its call gets no stack: such errors are answers, and say all there is to say in their message.
 */
export function spareStacks(context: Koa['context']): void {
  const assert: Assert = context.assert;
  let limit = Error.stackTraceLimit;
  const restore = () => void (Error.stackTraceLimit = limit);
  const check = Object.assign((...given: Parameters<Assert>) => {
    restore();
    assert(...given);
  }, assert);
  Object.defineProperty(context, 'assert', {
    get() {
      if (Error.stackTraceLimit > 0) limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      // In case that the function is not called.
      void Promise.resolve().then(restore);
      return check;
    },
  });
}
