/** Logs as JSON lines. Whatever could be a secret or about a person is cut out by name. */
import { type Logger, pino } from 'pino'

const secretPaths = [
  'token',
  'holdToken',
  'clientSecret',
  'authorization',
  'cookie',
  'password',
  'email',
  'name',
  'card',
]

/** Errors keep their chain of causes, but only what says where it broke: never a statement's values. */
function errorFacts(cause: unknown, depth = 0): Record<string, unknown> {
  if (!(cause instanceof Error)) return { message: 'not an error object' }
  const { code, constraint } = cause as { code?: unknown; constraint?: unknown }
  return {
    type: cause.name,
    message: cause.message,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    stack: cause.stack,
    ...(cause.cause === undefined || depth > 4
      ? {}
      : { cause: errorFacts(cause.cause, depth + 1) }),
  }
}

export function openLogger(options: { readonly level: string; readonly region: string }): Logger {
  return pino({
    level: options.level,
    base: { region: options.region },
    redact: {
      paths: secretPaths.flatMap((path) => [path, `*.${path}`]),
      censor: '[redacted]',
    },
    serializers: { err: (cause: unknown) => errorFacts(cause) },
    timestamp: pino.stdTimeFunctions.isoTime,
  })
}
