/**
 * Manners that need the syntax tree or the entry points: a header on each module, no `any`, no
 * waiting in the domain, `#private` for what is private, the environment and the exit only in
 * programs.
 */
import ts from 'typescript'
import { isGenerated, isTest, lineOf, type Source, type Violation } from './source.ts'

/** Longer than a screen's quarter is a document: it belongs into docs/. */
const headerLinesMax = 10

type Fault = { readonly position: number; readonly message: string }

/** `programs`: the files that package.json or the image start. */
export function checkManner(
  sources: readonly Source[],
  programs: ReadonlySet<string>,
): Violation[] {
  return sources
    .filter(({ path }) => !isTest(path) && !isGenerated(path) && path.includes('/'))
    .flatMap((source) => {
      const faults = [
        ...headerFaults(source),
        ...nodeFaults(source),
        ...(programs.has(source.path) ? [] : programFaults(source)),
        ...nameFaults(source),
      ]
      return faults.map(({ position, message }) => ({
        path: source.path,
        line: lineOf(source, position),
        message,
      }))
    })
}

function headerFaults({ text }: Source): Fault[] {
  const header = /^(?:#!.*\n)?\/\*\*?([\s\S]*?)\*\//.exec(text)?.[1]
  if (header === undefined) {
    return [
      { position: 0, message: 'opens without a header: purpose, invariant, what it must not do' },
    ]
  }
  const lines = header.split('\n').filter((line) => /\w/.test(line)).length
  if (lines > 0 && lines <= headerLinesMax) return []
  return [{ position: 0, message: `has a header of ${lines} lines; 1 to ${headerLinesMax}` }]
}

function nodeFaults(source: Source): Fault[] {
  const pure = source.path.startsWith('server/domain/')
  const faults: Fault[] = []
  const visit = (node: ts.Node): void => {
    const position = node.getStart(source.tree)
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      faults.push({ position, message: '`any` is banned; use `unknown` and narrow it' })
    }
    // A constructor has no #name: there the keyword stays.
    if (node.kind === ts.SyntaxKind.PrivateKeyword && !ts.isConstructorDeclaration(node.parent)) {
      faults.push({
        position,
        message: '`private` is banned; use a #name, private at run time too',
      })
    }
    if (ts.isNonNullExpression(node)) {
      faults.push({ position, message: '`!` is banned; assert, or narrow' })
    }
    if (pure && (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword)) {
      faults.push({ position, message: 'the domain never waits; load before, decide, write after' })
    }
    ts.forEachChild(node, visit)
  }
  visit(source.tree)
  return faults
}

const programsOnly: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\.env\b/g, 'process.env is read by programs alone; take the value as a parameter'],
  [/\bprocess\.exit\b/g, 'only programs end the process; throw instead'],
]

function programFaults({ code }: Source): Fault[] {
  return programsOnly.flatMap(([pattern, message]) =>
    [...code.matchAll(pattern)].map(({ index }) => ({ position: index, message })),
  )
}

function nameFaults({ path }: Source): Fault[] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(name)) return []
  return [{ position: 0, message: `${name} is not in kebab-case` }]
}
