/**
 * The project's TypeScript as the checks see it: path, lines, syntax tree, and the text once more
 * with everything blanked but code, strings or comments, so that a word in a comment is never
 * taken for a call. Positions stay those of the file.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

export type Source = {
  /** From the project's root, with slashes. */
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
  /** Each as long as the text, with all else blank. */
  readonly code: string
  readonly strings: string
  readonly comments: string
}

export type Violation = { readonly path: string; readonly line: number; readonly message: string }

/** One line for each, sorted; empty when there is nothing to say. */
export function report(violations: readonly Violation[]): string {
  const compare = (a: Violation, b: Violation) => a.path.localeCompare(b.path) || a.line - b.line
  return [...violations]
    .sort(compare)
    .map(({ path, line, message }) => `${path}:${line}: ${message}`)
    .join('\n')
}

/** Test files, and what only they import, wherever they stand. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || /\.test\.ts$|(^|\/)test-support\.ts$/.test(path)
}

const generatedFiles = new Set(['server/stores/schema-types.ts'])

/** Written by a tool and never by hand: no manner is asked of it. */
export function isGenerated(path: string): boolean {
  return generatedFiles.has(path)
}

/** The line of a position, from 1. */
export function lineOf(source: Source, position: number): number {
  return source.tree.getLineAndCharacterOfPosition(position).line + 1
}

export function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const { strings, comments } = spansOf(tree)
  return {
    path,
    text,
    tree,
    code: split(text, [...strings, ...comments]).outside,
    strings: split(text, strings).inside,
    comments: split(text, comments).inside,
  }
}

/** Every .ts file of the project but those of packages and of hidden folders. */
export async function readSources(root = projectRoot): Promise<Source[]> {
  const paths = (await listFiles(root)).filter((path) => path.endsWith('.ts'))
  return Promise.all(
    paths.map(async (path) => parseSource(path, await readFile(join(root, path), 'utf8'))),
  )
}

const skippedFolders = new Set(['node_modules', 'coverage'])
const hiddenButOurs = new Set(['.ci', '.dockerignore', '.gitignore', '.npmrc', '.oxlintrc.json'])

/** Paths from the root with slashes, sorted; hidden files only where they are part of the project. */
export async function listFiles(root: string, folder = ''): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const { name } = entry
    if (skippedFolders.has(name) || (name.startsWith('.') && !hiddenButOurs.has(name))) continue
    const path = folder === '' ? name : `${folder}/${name}`
    if (entry.isDirectory()) paths.push(...(await listFiles(root, path)))
    else if (entry.isFile()) paths.push(path)
  }
  return paths.sort()
}

type Span = { readonly start: number; readonly end: number }

function spansOf(tree: ts.SourceFile): { strings: Span[]; comments: Span[] } {
  const strings: Span[] = []
  const comments = new Map<number, Span>()
  const addComments = (ranges: readonly ts.CommentRange[] | undefined) => {
    for (const { pos, end } of ranges ?? []) comments.set(pos, { start: pos, end })
  }
  const visit = (node: ts.Node): void => {
    const parts = node.getChildren(tree)
    if (parts.length > 0) {
      parts.forEach(visit)
      return
    }
    addComments(ts.getLeadingCommentRanges(tree.text, node.pos))
    addComments(ts.getTrailingCommentRanges(tree.text, node.end))
    if (isText(node)) strings.push({ start: node.getStart(tree), end: node.end })
  }
  visit(tree)
  return { strings, comments: [...comments.values()] }
}

function isText(node: ts.Node): boolean {
  return (
    ts.isStringLiteral(node) ||
    ts.isTemplateLiteralToken(node) ||
    node.kind === ts.SyntaxKind.RegularExpressionLiteral
  )
}

/** The text with all but the spans blank, and the text with the spans blank. */
function split(text: string, spans: readonly Span[]): { inside: string; outside: string } {
  const inside: string[] = []
  const outside: string[] = []
  let position = 0
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const [before, within] = [text.slice(position, start), text.slice(start, end)]
    inside.push(spaces(before), within)
    outside.push(before, spaces(within))
    position = end
  }
  const rest = text.slice(position)
  return { inside: inside.join('') + spaces(rest), outside: outside.join('') + rest }
}

function spaces(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ')
}
