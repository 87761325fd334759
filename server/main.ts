/** One regional server: read the settings, wire, listen, and on a signal drain and stop. */
import closeWithGrace from 'close-with-grace'
import { readConfig } from './config.ts'
import { ConfigError } from './platform/config-fault.ts'
import { limits } from './platform/limits.ts'
import { startServer } from './start-server.ts'

// A log that takes nothing must not end the server: what is lost is counted (platform/log-lines.ts).
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)

try {
  const config = readConfig(process.env)
  const server = await startServer(config)
  closeWithGrace(
    { delay: config.DRAIN_DELAY_MS + limits.drainMs, logger: false },
    async ({ err }) => {
      if (err) server.log.fatal({ err }, 'an error that nobody caught: stopping')
      await server.stop()
    },
  )
  // A parent that started us with a pipe on stdin takes us along when it dies.
  if (process.env['EXIT_WITH_PARENT'] === '1') {
    process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGTERM'))
  }
  process.stdout.write(`${JSON.stringify({ listening: server.url, metrics: server.metricsUrl })}\n`)
} catch (cause) {
  process.stderr.write(`${startFault(cause)}\n`)
  process.exit(1)
}

/** One clear text for what a person can mend; the whole error for what is a bug. */
function startFault(cause: unknown): string {
  if (cause instanceof ConfigError) return cause.message
  const { code, message, port } = cause as { code?: string; message?: string; port?: number }
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another with PORT.`
  if (code === 'ECONNREFUSED') return `The database does not answer (${message}).`
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
