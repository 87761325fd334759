/** Lines that stay below whatever else is written to a terminal; where there is none, nothing stands. */

export type Screen = {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Of the terminal; longer lines are cut. */
  readonly columns: () => number
}

const escape = String.fromCharCode(27)
const colourOrCharacter = new RegExp(`${escape}\\[[0-9;]*m|.`, 'gu')
const isColour = (piece: string) => piece.startsWith(escape)

export class StandingLines {
  readonly #screen: Screen
  #count = 0

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** In place of those that stand. */
  draw(lines: readonly string[]): void {
    if (!this.#screen.isTerminal) return
    const cut = lines.map((line) => fitting(line, this.#screen.columns()))
    this.#screen.write(`${this.#erasing()}${cut.join('\n')}\n`)
    this.#count = lines.length
  }

  /** Writes above them; they come back with the next drawing. */
  say(text: string): void {
    this.#screen.write(`${this.#erasing()}${text}`)
    this.#count = 0
  }

  /** What stands stays for good. */
  leave(): void {
    this.#count = 0
  }

  /** Up to the first line, and everything below away. In one write with what follows: no flicker. */
  #erasing(): string {
    return this.#count > 0 ? `${escape}[${this.#count}A${escape}[0J` : ''
  }
}

/** A line that wraps would be two, and the next drawing would leave one behind. */
function fitting(line: string, columns: number): string {
  const most = Math.max(columns - 1, 1)
  const pieces = line.match(colourOrCharacter) ?? []
  let left = most
  const kept = pieces.filter((piece) => isColour(piece) || left-- > 0)
  return kept.join('')
}
