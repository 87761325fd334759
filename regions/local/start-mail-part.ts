/** Where letters go in a local system: a sink that shows them, or what SMTP_URL names. */
import { join } from 'node:path'
import { folderIn } from './data-folder.ts'
import { findFreePort, startOnPort } from './free-port.ts'
import { KeptService } from './kept-service.ts'
import { type NodeProgram, startNodeProgram } from './node-program.ts'
import type { StopPlan } from './process.ts'
import { everyProgramNeeds, type Ground, type StartedPart } from './start-parts.ts'

const name = 'The mail sink'
const stop: StopPlan = { signal: 'SIGTERM', withinMs: 5_000 }
const defaultSender = 'Frontrow <tickets@frontrow.example>'

/** `url`: of the page that shows them. The settings are for the server. */
export type MailPart = StartedPart<string | null> & {
  readonly settings: Readonly<Record<string, string>>
}

type Ports = { readonly page: number; readonly smtp: number }

export async function startMail(ground: Ground): Promise<MailPart> {
  const { outside, log, parts, signal } = ground
  if (outside.smtp) return { url: null, said: 'sent, as SMTP_URL says', settings: {} }
  folderIn(ground.data, 'mail', 0o700)
  const { ports, first } = await startOnPort({ name, port: undefined }, async (page) => {
    const chosen = { page, smtp: await findFreePort() }
    return { ports: chosen, first: await startSink(ground, chosen, signal) }
  })
  const restart = (until: AbortSignal) => startSink(ground, ports, until)
  parts.add('mailSink', new KeptService(first, { name, restart, log }))
  const url = `http://127.0.0.1:${ports.page}`
  const settings = {
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    ...(outside.mailFrom ? {} : { MAIL_FROM: defaultSender }),
  }
  return { url, said: `kept and shown at ${url}, and by npm run mail`, settings }
}

function startSink(ground: Ground, ports: Ports, signal: AbortSignal): Promise<NodeProgram> {
  const { data, environment, log } = ground
  const folder = join(data.path, 'mail')
  return startNodeProgram({
    name,
    script: 'mail-sink/main.ts',
    args: [`--port=${ports.page}`, `--smtp-port=${ports.smtp}`, `--data=${folder}`],
    env: everyProgramNeeds(environment),
    folder,
    logName: 'mail-sink.log',
    stop,
    log,
    signal,
  })
}
