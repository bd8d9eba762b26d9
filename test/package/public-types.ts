import { join, sep } from 'node:path';
// The compiler that the package is made with has no such interface yet; attw brings an older one that has.
import * as ts from '../../node_modules/@arethetypeswrong/core/node_modules/typescript';

const paths = ['index', 'mongo', 'redis', 'sendgrid', 'smtp', 'vonage'];

const printer = ts.createPrinter({ removeComments: true });

/**
 * All that an app can name or reach of our types: what each path exports, and below it every type of ours that this is made
 * of, wherever it is declared. Comments and files are left out, so that it changes where an app's code might have to.
 *
 * @param lib the folder of the declarations
 */
export function publicTypes(lib: string): string {
  const entries = paths.map((path) => join(lib, `${path}.d.ts`));
  const program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const reached = new Set<ts.Symbol>();

  const isOurs = (node: ts.Node): boolean => {
    const { fileName } = node.getSourceFile();
    return !fileName.includes('/node_modules/') && fileName.startsWith(join(lib, '..').split(sep).join('/'));
  };
  const real = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

  function reach(symbol: ts.Symbol): void {
    const declarations = (symbol.declarations ?? []).filter((one) => isOurs(one) && isNamed(one));
    if (reached.has(symbol) || declarations.length === 0) return;
    reached.add(symbol);
    for (const declaration of declarations) visit(declaration);
  }
  function visit(node: ts.Node): void {
    if (ts.isIdentifier(node) || ts.isImportTypeNode(node)) {
      const found = checker.getSymbolAtLocation(ts.isImportTypeNode(node) ? (node.qualifier ?? node) : node);
      if (found) reach(real(found));
    }
    ts.forEachChild(node, visit);
  }

  const exported = entries.map((entry) => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    return module ? checker.getExportsOfModule(module) : [];
  });
  for (const symbol of exported.flat()) reach(real(symbol));

  const lists = paths.map((path, at) => {
    const names = (exported[at] ?? []).map((symbol) => symbol.name).toSorted();
    return [
      `// ${path === 'index' ? 'express-second-factor' : `express-second-factor/${path}`}`,
      ...names,
    ].join('\n');
  });
  const shapes = [...reached].flatMap((symbol) => (symbol.declarations ?? []).filter(isNamed));
  // What is added to types of Express and Passport.
  const added = program
    .getSourceFiles()
    .filter(isOurs)
    .flatMap((source) => source.statements.filter(ts.isModuleDeclaration));
  return `${[...lists, ...[...shapes, ...added].map(print).toSorted()].join('\n\n')}\n`;
}

/** What stands by itself at the top of a file; a member is printed with what it is a member of. */
function isNamed(node: ts.Node): boolean {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    (ts.isVariableDeclaration(node) && ts.isVariableStatement(node.parent.parent))
  );
}

function print(node: ts.Node): string {
  const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
  return text.replace(/^(?:export )?(?:declare )?/, '').replaceAll(/import\("[^"]+"\)\./g, '');
}
