import { z } from 'zod';

/**
 * The query parameter `previous_valid_seconds` of an endpoint that replaces a secret: for how long the old one serves, too. At
 * most 30 days: a secret that leaked must not stay good.
 */
export const previousValid = ({ byDefault, description }: { byDefault: number; description: string }) => ({
  previous_valid_seconds: z
    .string()
    .regex(/^\d{1,7}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().max(2_592_000, 'must be at most 2592000'))
    .default(byDefault)
    .meta({ description, example: '86400' }),
});
