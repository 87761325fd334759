/** Bounds on what one must hold in the head: lines a file, lines a function, parameters. */
import { functionsOf } from './functions.ts'
import { isGenerated, isTest, type Source, type Violation } from './source.ts'

export const fileLinesMax = 400
export const functionLinesMax = 70
export const parametersMax = 3

/** A file's last line ends with a newline, which begins no further line. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** A test may be long: its parts are cases that are read one by one. */
export function checkLengths(sources: readonly Source[]): Violation[] {
  return sources.filter(({ path }) => !isTest(path) && !isGenerated(path)).flatMap(faultsOf)
}

function faultsOf(source: Source): Violation[] {
  const { path } = source
  const count = linesOf(source.text).length
  const faults: Violation[] = []
  if (count > fileLinesMax) {
    faults.push({ path, line: 1, message: `has ${count} lines; ${fileLinesMax} at most` })
  }
  for (const { name, line, lines, parameters } of functionsOf(source)) {
    if (lines > functionLinesMax) {
      faults.push({
        path,
        line,
        message: `${name} has ${lines} lines; ${functionLinesMax} at most`,
      })
    }
    if (parameters > parametersMax) {
      const message = `${name} has ${parameters} parameters; ${parametersMax} at most, else an object`
      faults.push({ path, line, message })
    }
  }
  return faults
}
