/**
 * Logs as JSON lines; those of a trace say in which span they were written. Whatever could be a
 * secret or about a person is cut out by name.
 */
import { type DestinationStream, type Logger, type LoggerOptions as LogSettings, pino } from 'pino'
import { whereabouts } from './trace-context.ts'

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

export type LoggerOptions = {
  readonly level: string
  readonly region: string
  /** Where lines go; standard output unless told. */
  readonly to?: DestinationStream
}

export function openLogger({ level, region, to }: LoggerOptions): Logger {
  const options: LogSettings = {
    level,
    base: { region },
    mixin: whereabouts,
    redact: {
      paths: secretPaths.flatMap((path) => [path, `*.${path}`]),
      censor: '[redacted]',
    },
    serializers: { err: (cause: unknown) => errorFacts(cause) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return to === undefined ? pino(options) : pino(options, to)
}
