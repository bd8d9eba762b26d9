import { browserOf } from '../../lib/session/browser-name';

const onWindows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';
const onPhone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';

describe('The name of a browser', () => {
  it.each([
    [`${onWindows} ${chrome} Safari/537.36`, 'Chrome', 'Windows'],
    [`${onWindows} ${chrome} Safari/537.36 Edg/141.0.0.0`, 'Edge', 'Windows'],
    [`${onWindows} ${chrome} Safari/537.36 OPR/123.0.0.0`, 'Opera', 'Windows'],
    [`Mozilla/5.0 (Linux; Android 15; K) ${chrome} Mobile Safari/537.36`, 'Chrome', 'Android'],
    [
      `Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet',
      'Android',
    ],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome} Safari/537.36`, 'Chrome', 'ChromeOS'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0', 'Firefox', 'Linux'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
      'Safari',
      'Mac',
    ],
    [`${onPhone} Version/18.6 Mobile/15E148 Safari/604.1`, 'Safari', 'iPhone'],
    [`${onPhone} CriOS/141.0.0.0 Mobile/15E148 Safari/604.1`, 'Chrome', 'iPhone'],
    [`${onPhone} FxiOS/144.0 Mobile/15E148 Safari/605.1.15`, 'Firefox', 'iPhone'],
  ])('of %s', (agent, name, system) => {
    expect(browserOf(agent)).toEqual({ browser: name, system });
  });

  it.each(['', 'curl/8.14.1', 'Chrome/141', '(Windows NT 10.0)', 'x'.repeat(8192)])(
    'is not known of %j',
    (agent) => {
      expect(browserOf(agent)).toBeNull();
    },
  );

  it('is not looked for in what no browser sends, which would take a while', () => {
    const agent = `${onWindows} ${chrome} Safari/537.36`;
    expect(browserOf(agent + ' '.repeat(1000 - agent.length))).not.toBeNull();
    expect(browserOf(agent + ' '.repeat(1001 - agent.length))).toBeNull();
    const started = performance.now();
    for (let time = 0; time < 100; time += 1) browserOf('Version/'.repeat(2000));
    // 2.5 s otherwise.
    expect(performance.now() - started).toBeLessThan(500);
  });
});
