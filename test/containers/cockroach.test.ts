/**
 * The suites of stores and races on a real CockroachDB in a container, where there is a Docker
 * engine; elsewhere they are left out aloud. `npm run test:cockroach` is the same without Docker.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cockroachUrl } from '../../regions/local/cockroach-database.ts'
import { readWish } from '../cockroach/command-line.ts'
import { notForCockroach, quickSettings, runSuite, suites } from '../cockroach/suites.ts'
import { onServer } from '../support/on-server.ts'
import { describeUnless } from '../support/skip.ts'
import { projectRoot } from '../tidy/source.ts'
import { cockroachImage, whyNoContainers } from './docker.ts'

const sqlPort = 26_257
const startWithinMs = 5 * 60_000
const suiteWithinMs = 21 * 60_000

const missing = await whyNoContainers()
if (missing !== null) {
  process.stdout.write(
    `\nSKIPPED: nothing ran on a real CockroachDB in a container: ${missing}.\n\n`,
  )
}

describeUnless(missing, 'a real CockroachDB in a container', () => {
  let container: StartedTestContainer
  let url = ''
  beforeAll(async () => {
    container = await new GenericContainer(cockroachImage)
      .withCommand(['start-single-node', '--insecure', '--store=type=mem,size=1GiB'])
      .withExposedPorts(sqlPort, 8080)
      .withWaitStrategy(Wait.forHttp('/health?ready=1', 8080).forStatusCode(200))
      .withStartupTimeout(startWithinMs)
      .start()
    const address = new URL(cockroachUrl(container.getMappedPort(sqlPort), 'root', 'defaultdb'))
    address.hostname = container.getHost()
    url = address.href
    for (const setting of quickSettings) await onServer(url, setting).catch(() => undefined)
  }, startWithinMs)
  afterAll(() => container?.stop())

  it.each(suites)('passes %s', { timeout: suiteWithinMs }, async (suite) => {
    expect(await runSuite(url, suite)).toBeNull()
  })
})

describe('the suites for CockroachDB', () => {
  it('are all there is of sales and SQL holds, but for what says nothing of it', () => {
    const listed = [...suites, ...Object.keys(notForCockroach)]
    for (const path of listed) expect(existsSync(join(projectRoot, path)), path).toBe(true)
    const found = ['test/sale', 'test/hold-book'].flatMap((folder) =>
      readdirSync(join(projectRoot, folder))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => `${folder}/${name}`),
    )
    expect(found.filter((path) => !listed.includes(path))).toEqual([])
  })

  it('run on the version that the cluster of the Compose file has', () => {
    const compose = readFileSync(join(projectRoot, 'docker-compose.multi-region.yml'), 'utf8')
    const images = compose.match(/cockroachdb\/cockroach:\S+/g) ?? []
    expect(new Set(images)).toEqual(new Set([cockroachImage]))
  })

  it('take one node or one in each region', () => {
    expect(readWish([])).toEqual({ regions: ['us-east1'], patterns: [] })
    const three = ['us-east1', 'europe-west1', 'asia-southeast1']
    expect(readWish(['--nodes', '3', 'race'])).toEqual({ regions: three, patterns: ['race'] })
    expect(() => readWish(['--nodes', '2'])).toThrow('--nodes must be 1 or 3, not "2".')
    expect(() => readWish(['--node', '1'])).toThrow('--node')
  })
})
