/**
 * What is wrong with an input, field by field, in sentences of ours. Nothing that was sent comes
 * back: neither a value nor, beyond a few letters, a name that the caller made up.
 */
import type { z } from 'zod'

export type InputIssue = { readonly path: string; readonly message: string }

const issuesMax = 20
const pathCharactersMax = 200
const messageCharactersMax = 200
const unknownNamesMax = 5
const unknownNameCharactersMax = 40

/** At most twenty, in the order in which the schema found them. */
export function issuesOf(error: z.ZodError): InputIssue[] {
  return error.issues.slice(0, issuesMax).map((issue) => ({
    path: shortened(issue.path.map(String).join('.'), pathCharactersMax),
    message: shortened(messageOf(issue), messageCharactersMax),
  }))
}

/** A name is told, so that a misspelt field is found; ten thousand of them are not. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return issue.message
  const names = issue.keys
    .slice(0, unknownNamesMax)
    .map((name) => `"${shortened(name, unknownNameCharactersMax)}"`)
  const others = issue.keys.length - names.length
  return `has unknown fields: ${names.join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}

/** Cut between code points, so that no half of a surrogate pair is left. */
function shortened(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  return `${Array.from(text.slice(0, charactersMax)).slice(0, -1).join('')}…`
}
