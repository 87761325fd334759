/** The same fields as a tRPC error, for what never reached a procedure. */
export function plainRefusal(code: string, message: string) {
  const refusal = { code, message, transient: false, retryAfterMs: null, details: null }
  return { error: { message, data: { refusal, issues: null } } }
}
