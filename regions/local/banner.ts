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

type Ready = Pick<LocalSystem, 'url' | 'metricsUrl' | 'facts' | 'demo' | 'regions' | 'controlUrl'>

export function banner(system: Ready, options: BannerOptions): string {
  const { url, metricsUrl, facts, demo, regions, controlUrl } = system
  const { bold, dim } = options.paint
  const shown = (path: string) => shortest(path, options.folder)
  const all = Object.values(regions)
  const rows = [
    ...(all.length === 0
      ? [
          ['API', `${url}/trpc`],
          ['Metrics', metricsUrl],
        ]
      : []),
    ['Database', facts.database],
    ['Holds', facts.holds],
    ['Payments', facts.payments],
    ['Mail', facts.mail],
    ['Data', shown(facts.dataFolder)],
    ['Log', shown(facts.logFile)],
  ].map(([name = '', value = '']) => `  ${dim(name.padEnd(10))}${value}`)
  const seconds = (options.readyMs / 1000).toFixed(1)
  const where = all.length === 0 ? facts.region : all.map(({ name }) => name).join(', ')
  const regionPart = controlUrl === null ? [] : [...regionLines(all, controlUrl, options.paint), '']
  return [
    '',
    bold(`Frontrow sells tickets in ${where} (ready after ${seconds} s)`),
    '',
    ...rows,
    '',
    ...regionPart,
    bold('Log in'),
    ...identities(demo).map(
      ({ who, wish }) => `  ${dim(`# ${who}`)}\n  ${tokenCommand(url, wish)}`,
    ),
    '',
    bold('Try next'),
    `  npm run onsale -- ${onsaleUrls(url, all)}`,
    ...holdCommands(url, demo).map((line) => `  ${line}`),
    '',
    dim('Ctrl-C stops all of it and keeps the data; --fresh begins anew.'),
    '',
  ].join('\n')
}

type Region = Ready['regions'][string]

/** Each with where it listens and what runs, and then how to take one down. */
function regionLines(
  regions: readonly Region[],
  controlUrl: string,
  { bold, dim }: Paint,
): readonly string[] {
  const [last] = regions.slice(-1)
  const wide = Math.max(...regions.map(({ name }) => name.length)) + 2
  return [
    bold('Regions'),
    ...regions.map(({ name, url, metricsUrl, pids }) => {
      const processes = `server ${pids.server}${pids.redis === null ? '' : `, Redis ${pids.redis}`}`
      return `  ${name.padEnd(wide)}${url}/trpc  ${dim(`metrics ${metricsUrl}, ${processes}`)}`
    }),
    `  ${dim('# how they are, and the links between them:')}`,
    `  curl -s ${controlUrl}/regions; curl -s ${controlUrl}/links`,
    `  ${dim('# take one down, and up again (also pause and resume):')}`,
    `  curl -X POST ${controlUrl}/regions/${last?.name}/kill; curl -X POST ${controlUrl}/regions/${last?.name}/start`,
    `  ${dim('# cut it off, and heal all links (more faults: docs/several-regions-locally.md):')}`,
    `  curl -X PUT '${controlUrl}/links/${last?.name}/*' -d '{"kind":"black-hole"}'; curl -X DELETE ${controlUrl}/links`,
  ]
}

function onsaleUrls(url: string, regions: readonly Region[]): string {
  const urls = regions.length === 0 ? [url] : regions.map((region) => region.url)
  return urls.map((one) => `--url ${one}`).join(' ')
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
