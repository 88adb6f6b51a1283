import { root, run } from '../support/process.ts';

/** A process whose space for new objects has grown, and which is then busy for a part of the time. Prints how large the space is at last. */
const program = (busyMs: number) => `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { collectStartGarbage } from './src/app/start-garbage.ts';
  let kept = [];
  for (let i = 0; i < 3e6; i += 1) {
    kept.push({ i });
    if (kept.length > 3e5) kept = [];
  }
  collectStartGarbage({ lookMs: 100 });
  const work = setInterval(() => {
    const until = performance.now() + ${busyMs};
    while (performance.now() < until);
  }, 20);
  setTimeout(() => {
    clearInterval(work);
    const { space_size: bytes } = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    console.log(Math.round(bytes / 2 ** 20));
  }, 1500);
`;

async function newSpaceMib(busyMs: number): Promise<number> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program(busyMs)], { cwd: root });
  return Number(stdout);
}

describe('what the start has left', () => {
  it('is collected when the process is idle, and the space for new objects begins small again', async () => {
    expect(await newSpaceMib(0)).toBeLessThan(5);
  });

  it('stays while the process is busy', async () => {
    expect(await newSpaceMib(15)).toBeGreaterThan(30);
  });
});
