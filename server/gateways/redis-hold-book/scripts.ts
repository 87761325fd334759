/**
 * The Lua scripts and how they are run: by hash, and by text when Redis does not know them (a
 * restart, a fail-over). Whatever keeps Redis from answering becomes HoldBookUnavailableError; an
 * error inside a script is a bug and stays what it is.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'
import { HoldBookUnavailableError } from '../../domain/hold-book.ts'
import { assert } from '../../platform/assert.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseOperation } from '../../platform/telemetry.ts'
import { traced } from '../../platform/tracing.ts'

export type Script = { readonly text: string; readonly hash: string }

/** A status word and what belongs to it. Bulk strings are Buffers, integers are numbers. */
export type Reply = { readonly status: string; readonly values: readonly (Buffer | number)[] }

export type Call = {
  readonly keys: readonly string[]
  readonly args: readonly (string | number)[]
}

const stream = ['stream']
const book = [...stream, 'book']
const change = [...book, 'sealed']
const wish = ['wish']
/** Copies in another region, of which each script has its own keys. */
const copy = ['copy']

export const scripts = {
  read: script([...book, 'read']),
  look: script([...book, ...wish, 'look', 'read']),
  place: script([...change, ...wish, 'place']),
  anywhere: script([...change, ...wish, 'anywhere']),
  find: script([...book, 'find']),
  extend: script([...change, 'extend']),
  release: script([...change, 'release']),
  reserve: script([...change, 'reserve']),
  convert: script([...change, 'convert']),
  free: script([...change, 'free']),
  install: script([...stream, 'install']),
  open: script([...stream, 'open']),
  seal: script([...stream, 'seal']),
  unseal: script([...stream, 'unseal']),
  copyLead: script(['copy-lead']),
  copyLeave: script(['copy-leave']),
  copyInstall: script(['copy-led', 'copy-install']),
  copyApply: script(['copy-led', ...copy, 'copy-apply']),
  copyRead: script([...copy, 'copy-read']),
} as const

export type ScriptName = keyof typeof scripts

function script(files: readonly string[]): Script {
  const read = (name: string) =>
    readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), { encoding: 'utf8' })
  const text = files.map(read).join('')
  return { text, hash: createHash('sha1').update(text).digest('hex') }
}

/** Where scripts run, and who is told how long each took. */
export type ScriptRunner = {
  readonly redis: Redis
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly operation?: (facts: DatabaseOperation) => void
}

/** @throws HoldBookUnavailableError when Redis did not answer; the script may have run */
export async function runScript(
  runner: ScriptRunner,
  name: ScriptName,
  call: Call,
): Promise<Reply> {
  const operation = `hold-book.${name}`
  const facts = { 'db.system.name': 'redis', 'db.operation.name': operation }
  const startedMs = runner.clock.monotonicMs()
  const tell = (outcome: string) => {
    const seconds = (runner.clock.monotonicMs() - startedMs) / 1000
    runner.operation?.({ system: 'redis', name: operation, outcome, seconds })
  }
  return traced({ name: operation, kind: 'client' }, facts, async () => {
    try {
      const reply = await answerOf(runner.redis, name, call)
      tell('ok')
      return reply
    } catch (cause) {
      tell(cause instanceof HoldBookUnavailableError ? 'unavailable' : 'error')
      throw cause
    }
  })
}

async function answerOf(redis: Redis, name: ScriptName, call: Call): Promise<Reply> {
  const { text, hash } = scripts[name]
  const rest = [call.keys.length, ...call.keys, ...call.args]
  const reply = await reaching(async () => {
    try {
      return await redis.callBuffer('EVALSHA', hash, ...rest)
    } catch (cause) {
      if (!startsWith(cause, 'NOSCRIPT')) throw cause
      return redis.callBuffer('EVAL', text, ...rest)
    }
  })
  assert(Array.isArray(reply), 'a script answers with a list')
  const [status, ...values] = reply as (Buffer | number)[]
  return { status: String(status), values }
}

/** Runs a command and tells an unreachable Redis from a mistake of ours. */
export async function reaching<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command()
  } catch (cause) {
    if (isMistake(cause)) throw cause
    throw new HoldBookUnavailableError('the hold book is out of reach', { cause })
  }
}

/** Replies that begin so blame the command. Others (LOADING, OOM, READONLY, …) blame the server. */
const mistakes = ['ERR ', 'WRONGTYPE ', 'CROSSSLOT ']

/** Redis 6 puts what a command inside a script was refused with into an error of the script. */
const refusedInside = / -(OOM|READONLY|MISCONF|NOREPLICAS|MASTERDOWN|LOADING) /

function isMistake(cause: unknown): boolean {
  if (cause instanceof Error && refusedInside.test(cause.message)) return false
  const isProgramError = cause instanceof TypeError || cause instanceof RangeError
  return isProgramError || mistakes.some((word) => startsWith(cause, word))
}

function startsWith(cause: unknown, word: string): boolean {
  const isReply = cause instanceof Error && cause.name === 'ReplyError'
  return isReply && cause.message.startsWith(word)
}
