/** Assertions stay on in production: a broken invariant must stop the request, not corrupt a row. */

/** A bug in this program, never a caller's fault. Transport answers it as an internal error. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** @throws AssertionError when `condition` is false. Say in `message` what must hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** The value, or an AssertionError when it is absent. For lookups that cannot miss. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionError(`${what} is absent`)
  return value
}

/** Ends an exhaustive switch: a new member of the union becomes a type error here. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${String(value)}`)
}
