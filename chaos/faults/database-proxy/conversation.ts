/**
 * One connection through the proxy. Both directions are read message by message; what is not struck
 * goes on in runs, uncopied. A struck statement is cut, answered with an error in the server's name,
 * or made to wait, and in each case both sides are left in states that belong together: after an
 * error in a transaction the server's has failed too.
 *
 * Clients are expected to wait for each turn's end before the next one, as node-postgres does.
 */
import type { Socket } from 'node:net'
import { MessageReader } from './message-reader.ts'
import { type Asked, queried, StatementNames } from './statement-names.ts'
import type { Blow } from './strike-book.ts'
import { errorTold, queryTold, readyTold, type TransactionStatus } from './told.ts'
import { mendingText, newTurn, type Turn } from './turn.ts'
import { Way } from './way.ts'

export type ConversationPlan = {
  /** Null: it passes. */
  readonly blowFor: (asked: Asked) => Blow | null
  /** Takes what lets a stalled reply go. */
  readonly onStall: (release: () => void) => void
}

/** To the message at hand: goes on, is left out, waits where it is, or was the last one. */
type Verdict = 'pass' | 'skip' | 'wait' | 'over'

const sslRequest = 80_877_103
const gssRequest = 80_877_104
/** Of a reply that is longer the rest does not come, wherever it breaks off. */
const brokenReplyBytesMax = 256 * 1024
const readyBodyAt = 5

export class Conversation {
  readonly #plan: ConversationPlan
  readonly #client: Socket
  readonly #server: Socket
  readonly #there: Way
  readonly #back: Way
  readonly #asked = new MessageReader(true)
  readonly #replied = new MessageReader(false)
  readonly #names = new StatementNames()
  /** Unanswered ones, the oldest first; the first of all is the login. */
  readonly #turns: Turn[] = [newTurn()]
  #status: TransactionStatus = 'I'
  /** The last turn is still being said. */
  #isSaying = true

  constructor(client: Socket, server: Socket, plan: ConversationPlan) {
    this.#client = client
    this.#server = server
    this.#plan = plan
    this.#there = new Way(client, server)
    this.#back = new Way(server, client)
  }

  start(): void {
    this.#client.on('data', (chunk: Buffer) => {
      this.#asked.add(chunk)
      this.#carryThere()
    })
    this.#server.on('data', (chunk: Buffer) => {
      this.#replied.add(chunk)
      this.#carryBack()
    })
    // Whoever gave up has left words behind that still arrive.
    this.#client.on('close', () => this.#endServer())
    this.#server.on('close', () => this.#client.end())
  }

  #endServer(): void {
    if (!this.#there.isHeld) this.#server.end()
  }

  #carryThere(): void {
    this.#carry(this.#there, this.#asked, () => this.#judgeAsked())
  }

  #carryBack(): void {
    this.#carry(this.#back, this.#replied, () => this.#judgeReply())
  }

  #carry(way: Way, reader: MessageReader, judge: () => Verdict): void {
    while (!way.isHeld && reader.next()) {
      const verdict = judge()
      if (verdict === 'pass') reader.pass()
      else {
        way.write(reader.takeRun())
        if (verdict !== 'skip') return
        reader.skip()
      }
    }
    way.write(reader.takeRun())
  }

  #judgeAsked(): Verdict {
    const { type } = this.#asked
    if (type === '') return this.#judgeStartup()
    // Passwords belong to the login.
    if (type === 'p' || type === 'X') return 'pass'
    const turn = this.#turnBeingSaid()
    if (type === 'P') this.#names.parsed(this.#asked)
    if ((type === 'B' || type === 'Q') && !turn.isDrawn) this.#draw(turn)
    const { blow } = turn
    if (this.#there.isHeld) return 'wait'
    if (blow?.kind === 'cut-before') return this.#cut()
    if (type === 'S' || type === 'Q') this.#isSaying = false
    if (blow?.kind !== 'error' || blow.done || type === 'S' || type === 'P') return 'pass'
    if (type === 'Q') this.#sayInstead(turn)
    return 'skip'
  }

  #judgeStartup(): Verdict {
    const code = this.#asked.body.readUInt32BE(0)
    if (code !== sslRequest && code !== gssRequest) return 'pass'
    this.#client.write('N')
    return 'skip'
  }

  #turnBeingSaid(): Turn {
    const last = this.#turns.at(-1)
    if (this.#isSaying && last !== undefined) return last
    const turn = newTurn()
    this.#turns.push(turn)
    this.#isSaying = true
    return turn
  }

  #draw(turn: Turn): void {
    const asked = this.#asked.type === 'Q' ? queried(this.#asked) : this.#names.bound(this.#asked)
    turn.isDrawn = true
    turn.before = this.#status
    turn.isCommit = asked.isCommit
    // In a transaction that has failed nothing is done any more.
    const blow = this.#status === 'E' ? null : this.#plan.blowFor(asked)
    if (blow?.kind === 'stall') this.#plan.onStall(this.#holdBack())
    else if (blow?.kind === 'late') this.#holdFor(blow)
    else turn.blow = blow
  }

  #holdFor({ way, ms }: Extract<Blow, { kind: 'late' }>): void {
    const release = way === 'there' ? this.#holdThere() : this.#holdBack()
    setTimeout(release, ms).unref()
  }

  #holdThere(): () => void {
    return this.#there.hold(() => {
      this.#carryThere()
      if (this.#client.destroyed) this.#endServer()
    })
  }

  #holdBack(): () => void {
    return this.#back.hold(() => this.#carryBack())
  }

  /** Each Query is answered, so one that is left out needs another in its place. */
  #sayInstead(turn: Turn): void {
    turn.isMending = turn.before === 'T'
    this.#there.write(this.#asked.takeRun())
    this.#there.write(queryTold(turn.isMending ? mendingText(turn) : ''))
  }

  #judgeReply(): Verdict {
    const { type } = this.#replied
    const [turn] = this.#turns
    const isEnd = type === 'Z'
    if (isEnd) this.#status = statusIn(this.#replied.bytes)
    const blow = turn?.blow ?? null
    if (turn === undefined || blow === null) {
      if (isEnd) this.#endTurn()
      return 'pass'
    }
    switch (blow.kind) {
      case 'cut-after':
        return isEnd ? this.#cut() : 'skip'
      case 'cut-in-reply':
        return this.#breakOff(turn, blow.at)
      case 'error':
        return this.#judgeErrored(turn, blow.code)
      default:
        return 'pass'
    }
  }

  #judgeErrored(turn: Turn, code: string): Verdict {
    switch (this.#replied.type) {
      // That it was prepared is no part of its outcome; the others come at any time.
      case '1':
      case 'S':
      case 'N':
      case 'A':
        return 'pass'
      case 'E':
        if (turn.isMending) return 'skip'
        // It failed by itself: that is the truth.
        turn.blow = null
        return 'pass'
      case 'Z':
        break
      default:
        return 'skip'
    }
    if (this.#status === 'T' && !turn.isMending) {
      turn.isMending = true
      this.#there.write(queryTold(mendingText(turn)))
      return 'skip'
    }
    this.#back.write(this.#replied.takeRun())
    this.#back.write(errorTold(code))
    this.#back.write(readyTold(this.#status))
    this.#endTurn()
    return 'skip'
  }

  #breakOff(turn: Turn, at: (replyBytes: number) => number): Verdict {
    turn.reply.push(Buffer.from(this.#replied.bytes))
    turn.replyBytes += this.#replied.bytes.length
    if (this.#replied.type !== 'Z' && turn.replyBytes < brokenReplyBytesMax) return 'skip'
    const reply = Buffer.concat(turn.reply)
    return this.#cut(reply.subarray(0, at(reply.length)))
  }

  #endTurn(): void {
    this.#turns.shift()
    if (this.#turns.length === 0) this.#isSaying = false
  }

  /** @param lastWords of the server, which still arrive */
  #cut(lastWords?: Buffer): Verdict {
    this.#server.destroy()
    if (lastWords === undefined || lastWords.length === 0) this.#client.destroy()
    else this.#client.write(lastWords, () => this.#client.destroy())
    return 'over'
  }
}

function statusIn(ready: Buffer): TransactionStatus {
  return String.fromCharCode(ready[readyBodyAt] ?? 0) as TransactionStatus
}
