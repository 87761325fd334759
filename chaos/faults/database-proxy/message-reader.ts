/**
 * Cuts one direction of a PostgreSQL conversation into messages without copying them: it looks at
 * each head, and whoever reads decides whether the message goes on. What goes on is handed out in
 * runs as long as the chunk they came in.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */

const nothing = Buffer.alloc(0)
const typeBytes = 1
const lengthBytes = 4

export class MessageReader {
  #buffer: Buffer = nothing
  /** Chunks of a message that is not whole yet: joined once, when it is. */
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #neededBytes = 0
  #runStart = 0
  #start = 0
  #end = 0
  #isFirst: boolean

  /** @param hasStartup a client's first message has no type */
  constructor(hasStartup: boolean) {
    this.#isFirst = hasStartup
  }

  /** Of the message that `next` found; empty for a client's first one. */
  type = ''

  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end)
  }

  /** Behind type and length. */
  get body(): Buffer {
    const head = (this.#isFirst ? 0 : typeBytes) + lengthBytes
    return this.#buffer.subarray(this.#start + head, this.#end)
  }

  add(chunk: Buffer): void {
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    const rest = this.#buffer.subarray(this.#runStart)
    if (rest.length + this.#waitingBytes < this.#neededBytes) return
    this.#buffer = rest.length === 0 && this.#waiting.length === 1 ? chunk : this.#joined(rest)
    this.#waiting = []
    this.#waitingBytes = 0
    this.#start -= this.#runStart
    this.#end = this.#start
    this.#runStart = 0
  }

  /** Looks at the message at hand; the same one until it is passed or skipped. */
  next(): boolean {
    const head = this.#isFirst ? 0 : typeBytes
    const have = this.#buffer.length - this.#start
    this.#neededBytes = head + lengthBytes
    if (have >= head + lengthBytes) {
      this.#neededBytes = head + this.#buffer.readUInt32BE(this.#start + head)
    }
    this.#neededBytes += this.#start - this.#runStart
    if (have + this.#start - this.#runStart < this.#neededBytes) return false
    this.#end = this.#runStart + this.#neededBytes
    this.type = this.#isFirst ? '' : String.fromCharCode(this.#buffer[this.#start] ?? 0)
    return true
  }

  /** The message joins the run. */
  pass(): void {
    this.#start = this.#end
    this.#isFirst = false
  }

  /** The message is left out; the run before it must have been taken. */
  skip(): void {
    this.#start = this.#end
    this.#runStart = this.#end
  }

  /** All that was passed since the last run; empty: nothing. */
  takeRun(): Buffer {
    const run = this.#buffer.subarray(this.#runStart, this.#start)
    this.#neededBytes -= run.length
    this.#runStart = this.#start
    return run
  }

  #joined(rest: Buffer): Buffer {
    return Buffer.concat([rest, ...this.#waiting])
  }
}
