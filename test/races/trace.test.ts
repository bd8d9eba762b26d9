import { codeAt } from '../support/browser-agent';
import { explore } from './explorer/explore';
import { determined, World } from './world/world';

it('traces', async () => {
  const world = new World();
  await determined(world, async () => {
    const ann = world.client();
    await ann.logIn('ann');
    const { secret } = await ann.enrol();
    world.clock.move(30_000);
    const other = world.client();
    console.log(await other.logIn('ann'));
    world.keep();
    const t = Date.now();
    const start = performance.now(); const cpu = process.cpuUsage(); let st = 0, rs = 0, ck = 0;
    const result = await explore({
      stage: world.stage,
      reset: async () => { const a = process.cpuUsage(); await world.reset(); rs += process.cpuUsage(a).user / 1000; },
      state: () => { const a = process.cpuUsage(); const x = world.state(); st += process.cpuUsage(a).user / 1000; return x; },
      now: () => world.clock.now(),
      operations: () => ['a','b'].map((name) => ({ name, work: async () => {
        const c = world.client();
        await c.logIn('ann');
        return c.totp(codeAt(secret, world.clock.now()));
      }})),
      check: async (run) => {
        const passed = ['a','b'].filter((n) => (run.outcomeOf(n) as any)?.status === 200);
        if (!run.faults && !(globalThis as any).shown) { (globalThis as any).shown = 1; console.log(run.order.join('\n'), run.outcomeOf('a'), run.outcomeOf('b')); }
        return passed.length > 1 ? ['two in'] : run.faults === 0 && passed.length !== 1 ? ['none in'] : [];
      },
    });
    console.log(result, performance.now() - start, process.cpuUsage(cpu), {st, rs, ck});
  });
}, 300000);
