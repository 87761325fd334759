/** Sends a call again, once, with a new access token when the one it had was refused. */
import { failureOf } from '../failure.ts'
import type { TokenSource } from '../token-source.ts'
import { asyncLink } from './async-link.ts'

export function tokenLink(tokens: TokenSource) {
  return asyncLink(async (op, send) => {
    const used = await tokens.current()
    try {
      return await send(op)
    } catch (cause) {
      if (failureOf(cause).code !== 'NOT_SIGNED_IN') throw cause
      if ((await tokens.renewed(used)) === null) throw cause
      return send(op)
    }
  })
}
