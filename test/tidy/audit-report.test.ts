/** Grave faults fail, explained ones do not, and silence of the registry is not taken for health. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { type AuditException, exitCodeOf, judgeAudit } from './audit-report.ts'

const today = '2026-11-30'

/** As npm 11 reports: a faulty package, and one that depends on it. */
const reported = (severity: string) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {
      parser: {
        name: 'parser',
        severity,
        via: [
          {
            source: 1,
            name: 'parser',
            title: 'Endless loop in parser',
            url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
            severity,
            range: '<2.0.0',
          },
        ],
      },
      server: { name: 'server', severity, via: ['parser'] },
    },
    metadata: { vulnerabilities: { high: 2 } },
  })
const exception: AuditException = {
  advisory: 'GHSA-aaaa-bbbb-cccc',
  reason: 'only our own files are parsed',
  until: '2026-12-31',
}

describe('the audit', () => {
  it.each(['high', 'critical'])('fails on a fault that is %s, and names it once', (severity) => {
    expect(judgeAudit(reported(severity), [], today)).toEqual({
      kind: 'faulty',
      lines: [`${severity}: parser: Endless loop in parser (GHSA-aaaa-bbbb-cccc)`],
    })
  })

  it.each(['low', 'moderate'])('passes one that is %s', (severity) => {
    expect(judgeAudit(reported(severity), [], today).kind).toBe('clean')
  })

  it('passes one that is explained, up to the last day of its reason', () => {
    const on = (day: string) => judgeAudit(reported('high'), [exception], day).kind
    expect(on('2026-12-31')).toBe('clean')
    expect(on('2027-01-01')).toBe('faulty')
  })

  it('asks to remove an explanation of a fault that is gone', () => {
    const none = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} })
    expect(judgeAudit(none, [], today)).toEqual({
      kind: 'clean',
      lines: ['Faults of packages used in production: none known.'],
    })
    expect(judgeAudit(none, [exception], today).kind).toBe('faulty')
  })

  it.each([
    [
      '{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":""}}',
      '(it answered 405)',
    ],
    ['{"error":{"code":"ENOTFOUND","summary":"x"}}', '(ENOTFOUND)'],
    ['npm error audit endpoint returned an error', 'no advisories;'],
    ['', 'no advisories;'],
    ['[]', 'no advisories;'],
  ])('says that nothing was checked when the registry says nothing: %s', (output, why) => {
    const verdict = judgeAudit(output, [], today)
    expect(verdict.kind).toBe('not checked')
    expect(verdict.lines.join()).toContain(why)
  })

  it('tells the three apart by its exit code', () => {
    expect(exitCodeOf).toEqual({ clean: 0, faulty: 1, 'not checked': 2 })
  })
})

describe('the explained faults', () => {
  it('each have a reason and a day', async () => {
    const file = new URL('audit-exceptions.json', import.meta.url)
    for (const one of JSON.parse(await readFile(file, 'utf8')) as AuditException[]) {
      expect(one.advisory).toMatch(/^GHSA(-[a-z0-9]{4}){3}$/)
      expect(one.until).toMatch(/^20\d\d-\d\d-\d\d$/)
      expect(one.reason.length).toBeGreaterThan(20)
    }
  })
})
