/** Looks up names in the declarations that the package ships. */
import { join } from 'node:path';
import ts from 'typescript';

/** Whether the package declares a name: an export, or `Type.member` with a member of an instance or of the class itself. */
export function publicNames(root: string): (name: string) => boolean {
  const file = join(root, 'dist/src/index.d.ts');
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  const exports = new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]));
  return (name) => {
    const [type = '', member] = name.split('.');
    let symbol = exports.get(type);
    if (symbol === undefined) return false;
    if (member === undefined) return true;
    if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    const declared = checker.getDeclaredTypeOfSymbol(symbol);
    return declared.getProperty(member) !== undefined || symbol.exports?.get(member as ts.__String) !== undefined;
  };
}
