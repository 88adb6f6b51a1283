import type { TestApp } from './app.ts';

/** As if the seconds had passed in which refresh tokens that were replaced stand for their successors. */
export async function letGracePass({ app }: TestApp): Promise<void> {
  const earlier = { $dateSubtract: { startDate: '$replacedAt', unit: 'second', amount: 11 } };
  const { connection } = app.database;
  await connection
    .collection('oidc_refresh_tokens')
    .updateMany({ replacedAt: { $exists: true } }, [{ $set: { replacedAt: earlier } }]);
}
