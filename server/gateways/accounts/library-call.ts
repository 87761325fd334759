/**
 * One call into the accounts library. It turns errors of the rows below it into answers of its own
 * ("failed to create user"), and hands codes to a callback: both are caught here, per call, so that
 * an unknown outcome stays one and the code reaches the use-case that mails it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { APIError } from 'better-auth/api'
import type { AccountRows } from '../../domain/account-rows.ts'
import type { Passwords } from './passwords.ts'

type CallFacts = { failure?: { readonly cause: unknown }; code?: string }

const calls = new AsyncLocalStorage<CallFacts>()

/** A refusal of the library, by the code of its own list. */
export class LibraryRefusal extends Error {
  override readonly name = 'LibraryRefusal'
  readonly code: string

  constructor(code: string) {
    super(`the accounts library said ${code}`)
    this.code = code
  }
}

export type Called<T> = { readonly answer: T; readonly code: string | null }

/**
 * @throws LibraryRefusal the library's own "no"
 * @throws whatever the rows or the passwords threw meanwhile, unless the library got over it
 */
export async function callLibrary<T>(work: () => Promise<T>): Promise<Called<T>> {
  const facts: CallFacts = {}
  return await calls.run(facts, async () => {
    try {
      return { answer: await work(), code: facts.code ?? null }
    } catch (cause) {
      if (facts.failure !== undefined) throw facts.failure.cause
      if (cause instanceof APIError) throw new LibraryRefusal(codeOf(cause))
      throw cause
    }
  })
}

function codeOf(cause: APIError): string {
  const code = cause.body?.code
  return typeof code === 'string' ? code : String(cause.status)
}

export function noteCode(code: string): void {
  const facts = calls.getStore()
  if (facts !== undefined) facts.code = code
}

/** The same rows, whose first failure within a call is remembered. */
export function notingFailures<Port extends AccountRows | Passwords>(port: Port): Port {
  const noting = Object.entries(port).map(([name, method]) => [
    name,
    async (...parts: unknown[]) => {
      try {
        return await (method as (...parts: unknown[]) => Promise<unknown>)(...parts)
      } catch (cause) {
        const facts = calls.getStore()
        if (facts !== undefined) facts.failure ??= { cause }
        throw cause
      }
    },
  ])
  return Object.fromEntries(noting) as Port
}
