/**
 * What a person can act on when a local part does not start: one clear sentence, shown without a
 * stack. Anything else that is thrown below regions/local is a bug.
 */
export class StartError extends Error {
  override readonly name = 'StartError'
}
