import type { TestApp } from './app.ts';

/** As if the seconds had passed in which refresh tokens that were replaced stand for their successors. */
export async function letGracePass({ app }: TestApp): Promise<void> {
  const earlier = (date: string) => ({ $dateSubtract: { startDate: date, unit: 'second', amount: 11 } });
  const replaced = {
    $map: { input: '$replaced', in: { $mergeObjects: ['$$this', { at: earlier('$$this.at') }] } },
  };
  const { connection } = app.database;
  await connection
    .collection('oidc_refresh_families')
    .updateMany({ forgetAt: { $exists: true } }, [{ $set: { replaced, forgetAt: earlier('$forgetAt') } }]);
}
