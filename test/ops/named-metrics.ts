/** What expressions of PromQL speak of: metrics, and the labels by which they are told apart. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../tidy/source.ts'

export type Expression = { readonly where: string; readonly text: string }

/** Of the alerts' rules and of every panel of every dashboard. */
export function allExpressions(): Expression[] {
  const alerts = readFileSync(join(projectRoot, 'ops/prometheus/alerts.yml'), 'utf8')
  const rules = alerts.split(/^ {6}- alert: /m).slice(1)
  const ofRules = rules.map((rule) => ({
    where: rule.split('\n', 1)[0] ?? '',
    text: /^ {8}expr: \|?((?:.|\n {10})*)/m.exec(rule)?.[1] ?? '',
  }))
  const folder = join(projectRoot, 'ops/grafana')
  const boards = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return [...ofRules, ...boards.flatMap((name) => expressionsOf(name, join(folder, name)))]
}

type Dashboard = {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

function expressionsOf(name: string, file: string): Expression[] {
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ where: `${name}: ${title}`, text: expr })),
  )
}

/** What is no metric: words of the language, and what Prometheus itself makes of a scrape. */
const language = new Set(['histogram_quantile', 'up', '__rate_interval', '__range'])
/** What the scrape adds to every series, and the bounds of histograms. */
const added = new Set(['region', 'instance', 'job', 'le'])

export function metricsIn({ text }: Expression): string[] {
  const bare = text.replaceAll(/\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)/g, ' ')
  const words = bare.match(/[a-z_][a-z0-9_]*/g) ?? []
  return words.filter((word) => word.includes('_') && !language.has(word))
}

export function labelsIn({ text }: Expression): string[] {
  const matched = [...text.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label)
  const grouped = [...text.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(','))
  const labels = [...matched, ...grouped].map((label) => label?.trim() ?? '')
  return labels.filter((label) => !added.has(label))
}
