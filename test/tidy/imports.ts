/** What each file imports: statically, dynamically, by re-export or as a type. */
import { posix } from 'node:path'
import ts from 'typescript'
import { lineOf, type Source } from './source.ts'

export type Import = {
  readonly from: string
  readonly line: number
  /** A path of the project for a relative import, else the name of a package or of Node's. */
  readonly target: string
  readonly kind: 'file' | 'package'
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean
  readonly names: readonly string[]
}

export function importsOf(source: Source): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, bound: Bound) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const line = lineOf(source, specifier.getStart(source.tree))
    found.push({ from: source.path, line, ...resolve(source.path, specifier.text), ...bound })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, boundByImport(node))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, boundByExport(node))
    else if (ts.isImportTypeNode(node)) {
      const argument = node.argument
      add(ts.isLiteralTypeNode(argument) ? argument.literal : undefined, {
        typeOnly: true,
        names: node.qualifier ? [node.qualifier.getText(source.tree)] : [],
      })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], { typeOnly: false, names: [] })
    }
    ts.forEachChild(node, visit)
  }
  visit(source.tree)
  return found
}

type Bound = Pick<Import, 'typeOnly' | 'names'>

function boundByImport(node: ts.ImportDeclaration): Bound {
  const clause = node.importClause
  const named = clause?.namedBindings
  if (clause === undefined) return { typeOnly: false, names: [] }
  if (named === undefined || !ts.isNamedImports(named)) {
    return { typeOnly: isTypeOnly(clause), names: named ? ['*'] : ['default'] }
  }
  const every = named.elements.length > 0 && named.elements.every((one) => one.isTypeOnly)
  return {
    typeOnly: isTypeOnly(clause) || (every && clause.name === undefined),
    names: named.elements.map((one) => (one.propertyName ?? one.name).text),
  }
}

function isTypeOnly(clause: ts.ImportClause): boolean {
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword
}

function boundByExport(node: ts.ExportDeclaration): Bound {
  const clause = node.exportClause
  if (clause === undefined || !ts.isNamedExports(clause)) {
    return { typeOnly: node.isTypeOnly, names: ['*'] }
  }
  return {
    typeOnly: node.isTypeOnly || clause.elements.every((one) => one.isTypeOnly),
    names: clause.elements.map((one) => (one.propertyName ?? one.name).text),
  }
}

function resolve(from: string, specifier: string): Pick<Import, 'target' | 'kind'> {
  if (specifier.startsWith('.')) {
    return { kind: 'file', target: posix.join(posix.dirname(from), specifier) }
  }
  if (specifier.startsWith('node:')) return { kind: 'package', target: specifier }
  const parts = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1)
  return { kind: 'package', target: parts.join('/') }
}
