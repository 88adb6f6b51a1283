import { z } from 'zod';

export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

export const onOff = z.enum(['on', 'off'], { error: "must be 'on' or 'off'" }).transform((value) => value === 'on');
export const text = z.string().min(1, 'must not be empty');
export const seconds = whole(1, 10 * 365 * 24 * 3600);

export const issuer = z.string().superRefine((value, ctx) => {
  const url = URL.parse(value);
  const fault = (message: string) => ctx.addIssue({ code: 'custom', message });
  if (!url || !['http:', 'https:'].includes(url.protocol)) return fault('must be an http or https address');
  if (url.search || url.hash) return fault('must have no query and no fragment');
  if (url.pathname !== '/' || value.endsWith('/')) return fault('must be an origin: no path and no slash at the end');
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname))
    return fault('must be https unless it is a loopback address');
});

/** True for the names and addresses by which a machine means itself. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export const trustedProxies = z
  .string()
  .regex(/^\d{1,2}$/, 'must be the number of proxies in front of Cohort, 0 for none')
  .transform(Number);

export const sealingKeys = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim().split(':')))
  .pipe(
    z.array(
      z.tuple(
        [
          z.string().regex(/^[a-z0-9]{1,16}$/, 'has a key id that is not 1 to 16 small letters and digits'),
          z
            .string()
            .refine(
              (key) => Buffer.from(key, 'base64').length === 32,
              'has a key that is not 32 bytes in base64 (make one with: openssl rand -base64 32)',
            ),
        ],
        { error: 'must look like id:base64key, or several of them with commas between, the newest first' },
      ),
    ),
  );
