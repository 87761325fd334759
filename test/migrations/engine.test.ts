/** What a CockroachDB says of itself, as the versions say it. */
import { describe, expect, it } from 'vitest'
import { cockroachVersion, isAtLeast, oldestCockroach } from '../../migrations/engine.ts'

describe('the version of a CockroachDB', () => {
  it.each([
    ['CockroachDB CCL v26.2.5 (x86_64-pc-linux-gnu, built 2026/10/02, go1.25.1)', [26, 2]],
    ['CockroachDB OSS v21.1.0-alpha.3-2211-gabc (linux amd64, built , go1.16)', [21, 1]],
    ['CockroachDB CCL v23.1.11 (aarch64-apple-darwin21.2, built 2023/09/27, go1.19.10)', [23, 1]],
  ] as const)('is read from "%s"', (text, [major, minor]) => {
    expect(cockroachVersion(text)).toEqual({ major, minor })
  })

  it('is unknown where a build does not say it, and then new enough', () => {
    expect(cockroachVersion('CockroachDB OSS unknown (linux amd64, built , go1.16)')).toBeNull()
    expect(isAtLeast(null, oldestCockroach)).toBe(true)
  })

  it.each([
    [20, 2, false],
    [21, 0, false],
    [21, 1, true],
    [21, 2, true],
    [22, 0, true],
    [26, 2, true],
  ] as const)('%i.%i is new enough: %s', (major, minor, expected) => {
    expect(isAtLeast({ major, minor }, oldestCockroach)).toBe(expected)
  })
})
