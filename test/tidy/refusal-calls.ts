/**
 * What the server refuses with, read from its sources: each code of the table must be said
 * somewhere, and each member of `details` must be described where the code is.
 */
import ts from 'typescript'
import type { RefusalGroup } from '../../server/domain/refusals/refusal-facts.ts'
import { isTest, lineOf, type Source, type Violation } from './source.ts'

const tableFolder = 'server/domain/refusals/'

/** A code that nothing in the server says is a promise that nobody keeps. */
export function checkCodesUsed(sources: readonly Source[], table: RefusalGroup): Violation[] {
  const said = saidBy(sources)
  return Object.keys(table)
    .filter((code) => !said.some(({ strings }) => strings.includes(`'${code}'`)))
    .map((code) => ({
      path: `${tableFolder}refusal-table.ts`,
      line: 1,
      message: `has ${code}, which nothing in server/ refuses with`,
    }))
}

/** `refuse('LIMIT_REACHED', message, { limit })`: the table must describe `limit`. */
export function checkDetails(sources: readonly Source[], table: RefusalGroup): Violation[] {
  return saidBy(sources).flatMap((source) =>
    refusalsOf(source).flatMap(({ code, members, position }) =>
      members
        .filter((name) => table[code]?.details?.includes(`\`${name}\``) !== true)
        .map((name) => ({
          path: source.path,
          line: lineOf(source, position),
          message: `refuses ${code} with details.${name}, which the table does not describe`,
        })),
    ),
  )
}

function saidBy(sources: readonly Source[]): Source[] {
  return sources.filter(
    ({ path }) => path.startsWith('server/') && !isTest(path) && !path.startsWith(tableFolder),
  )
}

type Said = { readonly code: string; readonly members: string[]; readonly position: number }

/** Calls of `refuse` and `refusal` whose code and details are written out. */
function refusalsOf({ tree }: Source): Said[] {
  const found: Said[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^refus(e|al)$/.test(node.expression.getText(tree))) {
      const [code, , details] = node.arguments
      if (code && details && ts.isStringLiteral(code) && ts.isObjectLiteralExpression(details)) {
        const members = details.properties.flatMap(({ name }) => name?.getText(tree) ?? [])
        found.push({ code: code.text, members, position: node.getStart(tree) })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}
