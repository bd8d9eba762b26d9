import vm from 'node:vm';

/**
 * Jest compiles every module again for every test file, as functions of which V8 remembers nothing. Scripts it
 * remembers: a worker that has compiled a source before, in whatever context, has it at once, with those of its
 * functions that have run. Scripts are without Jest's callback for `import()`, which only refuses.
 */
export function compileOnce(): void {
  const { compileFunction } = vm;
  vm.compileFunction = (source, parameters = [], options = {}) => {
    const { filename, parsingContext } = options;
    if (parsingContext === undefined) return compileFunction(source, parameters, options);
    const head = `(function (${parameters.join(', ')}) {`;
    const script = new vm.Script(`${head}${source}\n})`, { filename, columnOffset: -head.length });
    const made: unknown =
      parsingContext === globalThis ? script.runInThisContext() : script.runInContext(parsingContext);
    return made as ReturnType<typeof compileFunction>;
  };
}
