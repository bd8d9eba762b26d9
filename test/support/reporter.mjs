import { writeFileSync } from 'node:fs';

/**
 * Ends a run with `N passed, N failed, N skipped`, after the names of what was skipped. Under `npm test`
 * scripts/test.mjs prints that line, once the servers have stopped too.
 */
export default class CountReporter {
  constructor(globalConfig) {
    this.filtered = Boolean(globalConfig.testNamePattern);
  }

  onRunComplete(_contexts, results) {
    const skipped = this.filtered ? [] : namesOfSkipped(results);
    if (skipped.length > 0) console.log(`\nskipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`);

    const passed = results.numPassedTests;
    // A file that could not even be loaded has no failed tests.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const counts = { passed, failed, skipped: results.numPendingTests + results.numTodoTests };

    const file = process.env.TEST_COUNTS_FILE;
    if (file) writeFileSync(file, JSON.stringify(counts));
    else console.log(`\n${passed} passed, ${failed} failed, ${counts.skipped} skipped`);
  }
}

function namesOfSkipped(results) {
  return results.testResults.flatMap(({ testResults }) =>
    testResults
      .filter(({ status }) => status === 'pending' || status === 'todo' || status === 'disabled')
      .map(({ fullName }) => fullName),
  );
}
