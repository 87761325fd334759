/** The functions of a file that have a body of their own lines: how long, how many parameters. */
import ts from 'typescript'
import { lineOf, type Source } from './source.ts'

export type FunctionFacts = {
  readonly name: string
  readonly line: number
  /** From the first to the last line, both counted. */
  readonly lines: number
  readonly parameters: number
  readonly exported: boolean
  readonly documented: boolean
}

/** Functions, methods, accessors and constructors with a block; arrows with only a value are none. */
export function functionsOf(source: Source): FunctionFacts[] {
  const found: FunctionFacts[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isFunctionLike(node) &&
      'body' in node &&
      node.body &&
      ts.isBlock(node.body as ts.Node)
    ) {
      found.push(factsOf(source, node))
    }
    ts.forEachChild(node, visit)
  }
  visit(source.tree)
  return found
}

function factsOf(source: Source, node: ts.SignatureDeclaration): FunctionFacts {
  const first = lineOf(source, node.getStart(source.tree))
  const owner = statementOf(node)
  return {
    name: nameOf(node),
    line: first,
    lines: lineOf(source, node.end) - first + 1,
    parameters: node.parameters.length,
    exported:
      ts.canHaveModifiers(owner) &&
      (ts.getModifiers(owner) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    documented: /\/\*\*/.test(source.text.slice(owner.pos, owner.getStart(source.tree))),
  }
}

/** The declaration that is exported and documented: for `export const f = () => {}` the statement. */
function statementOf(node: ts.Node): ts.Node {
  const { parent } = node
  if (!ts.isVariableDeclaration(parent)) return node
  return parent.parent.parent
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText()
  const { parent } = node
  const named = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)
  return named
    ? parent.name.getText()
    : ts.isConstructorDeclaration(node)
      ? 'constructor'
      : 'a function'
}
