/** Alerts and dashboards speak of what a running server really says, and alerts fire when meant. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPromtool } from '../../regions/local/promtool.ts'
import { openRegions, us } from '../forwarding/open-regions.ts'
import { buy } from '../sale/buying.ts'
import { eventually } from '../support/eventually.ts'
import { openSaleSystem, refusalOf, type SaleSystem } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { projectRoot } from '../tidy/source.ts'
import { allExpressions, labelsIn, metricsIn } from './named-metrics.ts'

const folder = join(projectRoot, 'ops/prometheus')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const alerts = [...read('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
const promtool = findPromtool()
const reason = promtool === undefined ? 'no promtool here: npm run setup brings it on Debian' : null

describeUnless(reason, 'promtool', () => {
  const ask = (...args: string[]) =>
    execFileSync(promtool?.path ?? '', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

  it('takes the rules and the example of a configuration', () => {
    expect(ask('check', 'config', 'prometheus.yml')).toContain('SUCCESS')
  })

  it('sees every alert fire when it must and stay silent otherwise', () => {
    expect(ask('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS')
  })
})

describe.each(alerts)('%s', (alert) => {
  it('is tested, and says what to do', () => {
    expect(read('alerts.test.yml')).toContain(`alertname: ${alert}\n`)
    expect(readFileSync(join(projectRoot, 'ops/README.md'), 'utf8')).toContain(`### ${alert}\n`)
    expect(read('alerts.yml')).toContain(`runbook: ops/README.md#${alert.toLowerCase()}\n`)
  })
})

describe('what is named', () => {
  let system: SaleSystem
  let said = ''
  beforeAll(async () => {
    system = await openSaleSystem({ book: 'redis' })
    const event = await system.newEvent()
    const fan = await system.fan('ann')
    await buy(fan, event, [1])
    await refusalOf(fan.holds.get.query({ event, hold: 'ord_use1_01j7zzzzzzzzzzzzzzzzzzzzzz' }))
    const captured = /^http_client_request_duration_seconds_count\{.*capture/m
    await eventually(
      async () => {
        said = await (await fetch(system.metricsUrl)).text()
        const late = ['v8js_gc_duration_seconds_sum', 'frontrow_outbox_duties_total']
        return captured.test(said) && late.every((name) => said.includes(name))
      },
      { what: 'the sale is finished and told', timeoutMs: 30_000 },
    )
    // Only a server that is not alone follows others.
    await using regions = await openRegions({ book: 'redis', isKept: true })
    const metricsUrl = regions.at(us).metricsUrl
    await eventually(
      async () => {
        const text = await (await fetch(metricsUrl)).text()
        if (!/^frontrow_follow_lag_seconds\{/m.test(text)) return false
        said += text
        return true
      },
      { what: 'a region follows the other one', timeoutMs: 30_000 },
    )
  })
  afterAll(() => system[Symbol.asyncDispose]())

  const expressions = allExpressions()
  it('is much', () => {
    expect(expressions.length).toBeGreaterThan(alerts.length + 20)
  })

  it.each(expressions)('in $where is said by a server', (expression) => {
    const unsaid = metricsIn(expression).filter(
      (name) => !new RegExp(`^${name}[{ ]`, 'm').test(said),
    )
    expect(unsaid).toEqual([])
    const unknown = labelsIn(expression).filter((label) => !new RegExp(`[{,]${label}="`).test(said))
    expect(unknown).toEqual([])
  })
})
