import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createTasks } from '../../src/platform/tasks/tasks.ts';
import type { Task } from '../../src/platform/module.ts';

describe('a scheduled task', () => {
  const failures: unknown[] = [];
  let runs: number;
  let stop: () => Promise<void>;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    runs = 0;
  });
  afterEach(async () => {
    await stop();
    mock.timers.reset();
  });

  function start(everySeconds: number, run: Task['run'] = async () => void (runs += 1)): void {
    const task: Task = { name: 'count', everySeconds, onEveryNode: true, run };
    const tasks = createTasks({
      tasks: [task],
      leases: undefined as never,
      holder: 'test',
      log: { error: (fault: unknown) => void failures.push(fault) } as never,
    });
    tasks.start();
    stop = tasks.stop;
  }
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      mock.timers.tick(1000);
      await turn();
    }
  }

  it('that runs every hour runs a minute after the start, and then every hour', async () => {
    start(3600);
    await pass(59);
    expect(runs).toBe(0);
    await pass(1);
    expect(runs).toBe(1);
    await pass(3599);
    expect(runs).toBe(1);
    await pass(1);
    expect(runs).toBe(2);
  });

  it('that runs every few seconds does so from the start', async () => {
    start(5);
    await pass(15);
    expect(runs).toBe(3);
  });

  it('that fails is told of and runs again', async () => {
    start(5, () => Promise.reject(new Error('no')));
    await pass(10);
    expect(failures).toHaveLength(2);
  });

  it('never runs twice at the same time', async () => {
    let end = () => {};
    start(1, () => {
      runs += 1;
      return new Promise<void>((resolve) => (end = resolve));
    });
    await pass(10);
    expect(runs).toBe(1);
    end();
    await turn();
    await pass(1);
    expect(runs).toBe(2);
    end();
  });
});
