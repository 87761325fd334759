/** What a person reads when a local system is ready: where it listens, who to be, what to try. */
import { relative } from 'node:path'
import type { LocalSystem } from './start-local.ts'

export type Paint = {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
}

/** Both as the shell takes them, on one line. */
type Identity = { readonly who: string; readonly wish: string }

export type BannerOptions = {
  readonly paint: Paint
  /** Paths below it are shown relative to it. */
  readonly folder: string
  /** Milliseconds from the start to ready. */
  readonly readyMs: number
}

type Ready = Pick<LocalSystem, 'url' | 'metricsUrl' | 'facts' | 'demo'>

export function banner({ url, metricsUrl, facts, demo }: Ready, options: BannerOptions): string {
  const { bold, dim } = options.paint
  const shown = (path: string) => shortest(path, options.folder)
  const rows = [
    ['API', `${url}/trpc`],
    ['Metrics', metricsUrl],
    ['Database', facts.database],
    ['Holds', facts.holds],
    ['Payments', facts.payments],
    ['Mail', facts.mail],
    ['Data', shown(facts.dataFolder)],
    ['Log', shown(facts.logFile)],
  ].map(([name = '', value = '']) => `  ${dim(name.padEnd(10))}${value}`)
  const seconds = (options.readyMs / 1000).toFixed(1)
  return [
    '',
    bold(`Frontrow sells tickets in ${facts.region} (ready after ${seconds} s)`),
    '',
    ...rows,
    '',
    bold('Log in'),
    ...identities(demo).map(
      ({ who, wish }) => `  ${dim(`# ${who}`)}\n  ${tokenCommand(url, wish)}`,
    ),
    '',
    bold('Try next'),
    `  npm run onsale -- --url ${url}`,
    ...holdCommands(url, demo).map((line) => `  ${line}`),
    '',
    dim('Ctrl-C stops all of it and keeps the data; --fresh begins anew.'),
    '',
  ].join('\n')
}

function identities(demo: LocalSystem['demo']): readonly Identity[] {
  const organiser =
    demo === null
      ? []
      : [
          {
            who: 'olga, an organiser',
            wish: `{"name":"olga","roles":{"${demo.organisation}":"manager"}}`,
          },
        ]
  return [
    { who: 'ann, a fan', wish: '{"name":"ann"}' },
    ...organiser,
    { who: 'root, who runs the platform', wish: '{"name":"root","admin":true}' },
  ]
}

function holdCommands(url: string, demo: LocalSystem['demo']): readonly string[] {
  const [event] = demo?.events ?? []
  if (event === undefined) return []
  const wish = `{"event":"${event.id}","key":"'$(date +%s)'-try","seats":{"kind":"best","count":2}}`
  return [
    `# or hold two seats for ${event.name}, as ann:`,
    `TOKEN=$(${tokenCommand(url, '{"name":"ann"}')} | cut -d'"' -f4)`,
    `curl -s ${url}/trpc/holds.place ${json} -H "authorization: Bearer $TOKEN" -d '${wish}'`,
  ]
}

const json = `-H 'content-type: application/json'`

function tokenCommand(url: string, wish: string): string {
  return `curl -s ${url}/development/token ${json} -d '${wish}'`
}

function shortest(path: string, folder: string): string {
  const below = relative(folder, path)
  return below.startsWith('..') || below === '' ? path : below
}
