import { join } from 'node:path';

// Plain JavaScript, as jest.config.js loads it.
const { isAlone, projectsOf, testFiles } = jest.requireActual<{
  isAlone: (file: string) => boolean;
  projectsOf: (file: string) => string[];
  testFiles: () => Record<string, string[]>;
}>('./projects');

const inTests = (name: string): string => join(__dirname, '..', name);

describe('The projects of a test file', () => {
  it.each([
    ['account/tries.test.ts', ['unit']],
    ['flows/sign-in.test.ts', ['app']],
    ['flows/matrix.test.ts', ['app', 'exhaustive']],
    ['example-app/process.test.ts', ['servers']],
    ['browser/handling.test.ts', ['browser']],
  ])('of %s are %j, by what it loads', (name, projects) => {
    expect(projectsOf(inTests(name))).toEqual(projects);
  });

  it('is found for every file, in as many as there are', () => {
    expect(Object.keys(testFiles())).toEqual(['unit', 'app', 'servers', 'browser', 'exhaustive']);
    expect(testFiles().unit).toContain(__filename);
  });
});

describe('A test file', () => {
  it.each([
    ['account/tries.test.ts', false],
    ['flows/sign-in.test.ts', false],
    ['hosts/express4.test.ts', true],
    ['stores/deadline.test.ts', true],
    ['races/tries.test.ts', true],
  ])('%s has modules of its own: %s, by what it replaces', (name, isIt) => {
    expect(isAlone(inTests(name))).toBe(isIt);
  });
});

describe('A unit test', () => {
  it('opens no connection, whatever asks for one', async () => {
    await expect(fetch('http://127.0.0.1:20009')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('a unit test opens no connection') },
    });
  });
});
