import { statusOfCode, type ErrorCode } from '../../lib/errors';
import { read } from './pages';

const codes = Object.keys(statusOfCode) as ErrorCode[];
const sections = new Map(
  read('docs/error-codes.md')
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split('\n');
      const end = lines.findIndex((line) => line.startsWith('## '));
      return [code, lines.slice(0, end < 0 ? undefined : end).join('\n')];
    }),
);

describe('docs/error-codes.md', () => {
  it('has every code that there is, and no other', () => {
    expect([...sections.keys()].toSorted()).toEqual([...codes].toSorted());
  });

  it.each(codes)('%s: the status, the cause and the cure', (code) => {
    const text = sections.get(code) ?? '';
    expect(text).toMatch(new RegExp(`^\\s*\\*\\*${statusOfCode[code]}\\.\\*\\* [A-Z]`));
    expect(text).toMatch(/\*\*Cure:\*\*\s\w/);
  });

  it('shows an answer whose message is the one people get', () => {
    const [, json = ''] = /```json\n([\s\S]*?)```/.exec(read('docs/error-codes.md')) ?? [];
    const { error } = JSON.parse(json) as { error: { code: string; message: string } };
    const texts = JSON.parse(read('views/locales/en.json')) as Record<string, string>;
    expect(codes).toContain(error.code);
    expect([texts[`error.${error.code}`], texts[`message.${error.code}.text`]]).toContain(error.message);
  });
});
