/**
 * docker-compose.multi-region.yml without Docker: Compose's own loader reads it (schema, anchors,
 * variables, references), and what it says must fit the files, the server's settings and the
 * regions. What only a running cluster can show stands in docs/cockroachdb.md.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { filledExample } from '../../regions/keys/multi-region-env.ts'
import { findPromtool } from '../../regions/local/promtool.ts'
import { readConfig, settingNames } from '../../server/config.ts'
import { describeUnless } from '../support/skip.ts'
import { projectRoot } from '../tidy/source.ts'
import {
  loadProject,
  loadYaml,
  type Project,
  type Service,
  scratchFolder,
  whyNoLoader,
} from './load.ts'

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')
const composeText = read('docker-compose.multi-region.yml')
const env = filledExample(read('.env.multi-region.example'), new Map())
const missing = await whyNoLoader()
const regions = { use1: 'us-east1', euw1: 'europe-west1', ase1: 'asia-southeast1' } as const
const codes = Object.keys(regions) as (keyof typeof regions)[]
const ownImage = 'frontrow:multi-region'
const ended = 'service_completed_successfully'

type Topology = {
  regions: {
    name: string
    code: string
    public: string
    internal: string[]
    database: string
    redis: string
    typesense: string
    standIns: string[]
  }[]
}

describeUnless(missing, 'the cluster of three regions', () => {
  let project: Project
  let services: [string, Service][] = []
  const service = (name: string): Service => {
    const found = project.services[name]
    if (found === undefined) throw new Error(`no service ${name}`)
    return found
  }
  beforeAll(async () => {
    project = await loadProject(composeText, env)
    services = Object.entries(project.services)
  })

  it('is nothing that Compose takes when a setting or a part is missing', async () => {
    const without = env.replace(/^TICKET_KEYS=.*$/m, '')
    await expect(loadProject(composeText, without)).rejects.toThrow('npm run keys:multi-region')
    const broken = (from: string, to: string) => loadProject(composeText.replace(from, to), env)
    await expect(broken('networks: [wan, us-east1]', 'networks: [lan]')).rejects.toThrow('lan')
    await expect(broken('restart: "no"', 'restarts: "no"')).rejects.toThrow('restarts')
    await expect(broken('certificates:/certificates', 'papers:/papers')).rejects.toThrow('papers')
    await expect(broken('migrate: { condition', 'migrates: { condition')).rejects.toThrow(
      'migrates',
    )
  })

  it('pins every image, and builds its own', () => {
    for (const [name, { image, build }] of services) {
      if (image === ownImage) expect(build, name).toBeDefined()
      else expect(image, name).toMatch(/^[\w./-]+:v?\d+\.\d+(\.\d+)?(-alpine)?$/)
    }
  })

  it('mounts only what exists, and keeps every volume that it names', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes)
    for (const { type, source } of mounts) {
      if (type === 'bind') expect(existsSync(source), source).toBe(true)
    }
    const used = new Set(mounts.filter(({ type }) => type === 'volume').map((one) => one.source))
    expect([...used].sort()).toEqual(Object.keys(project.volumes).sort())
  })

  it('uses every variable of the example, and no other', () => {
    const inFile = new Set([...composeText.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, n]) => n))
    const inExample = [...env.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name)
    expect(inFile).toEqual(new Set(inExample))
  })

  it('asks every part that runs how it is, but for the one that nothing in it can ask', () => {
    for (const [name, { restart, healthcheck, image }] of services) {
      if (restart === 'no') continue
      const fromImage = image === ownImage && healthcheck === undefined
      const asked = fromImage || healthcheck?.test !== undefined
      expect(asked, name).toBe(name !== 'otel-collector')
    }
  })

  it('waits for the health of parts, and for the end of jobs', () => {
    for (const [name, { depends_on: needs = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        if (name === 'cluster-init') expect(condition).toBe('service_started')
        else {
          const isJob = service(needed).restart === 'no'
          expect(condition, `${name} on ${needed}`).toBe(isJob ? ended : 'service_healthy')
        }
      }
    }
  })

  it('listens for this machine alone, each on a port of its own', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports.map((port) => port.published))
    expect(new Set(published).size).toBe(published.length)
    expect(composeText.match(/^ +ports: /gm)?.length).toBe(published.length)
    expect(composeText.match(/^ +ports: \["127\.0\.0\.1:/gm)?.length).toBe(published.length)
  })

  describe.each(codes)('in %s', (code) => {
    const region = regions[code]

    it('has two nodes in two zones, which know each other region', () => {
      const nodes = [1, 2].map((number) => service(`cockroach-${code}-${number}`))
      const zones = nodes.map(({ environment = {} }) => environment['ZONE'])
      expect(new Set(zones).size).toBe(2)
      for (const [place, { environment = {}, networks, image }] of nodes.entries()) {
        expect(environment['NODE']).toBe(`cockroach-${code}-${place + 1}`)
        expect(environment['REGION']).toBe(region)
        expect(Object.keys(networks).sort()).toEqual([region, 'wan'].sort())
        expect(image).toBe('cockroachdb/cockroach:v26.2.5')
        for (const host of environment['JOIN']?.split(',') ?? []) {
          expect(project.services[host.replace(':26257', '')], host).toBeDefined()
        }
      }
    })

    it('has a balancer that prefers its own nodes, and a certificate for it', () => {
      const { environment = {} } = service(`balancer-${code}`)
      const named = [...read('ops/compose/haproxy.cfg').matchAll(/"\$\{(\w+)\}:26257"/g)]
      const order = named.map(([, name = '']) => environment[name])
      expect(order.slice(0, 2)).toEqual([`cockroach-${code}-1`, `cockroach-${code}-2`])
      const nodes = Object.keys(project.services).filter((name) => name.startsWith('cockroach-'))
      expect(new Set(order)).toEqual(new Set(nodes))
      expect(order).toHaveLength(nodes.length)
      const hosts = service('certificates').environment?.['HOSTS']?.trim().split(/\s+/) ?? []
      const balancers = codes.map((one) => `balancer-${one}`)
      expect(hosts.toSorted()).toEqual([...nodes, ...balancers].toSorted())
    })

    it('has a Redis and a Typesense that no other region reaches', () => {
      for (const part of ['redis', 'typesense']) {
        expect(Object.keys(service(`${part}-${code}`).networks)).toEqual([region])
      }
    })

    it('has a server whose settings are known, whole and its own', () => {
      const { environment = {} } = service(`server-${code}`)
      const unknown = Object.keys(environment).filter((name) => !settingNames.includes(name))
      expect(unknown).toEqual([])
      // In the container it is mounted from here.
      const mounted = join(projectRoot, 'ops/compose/topology.yaml')
      const config = readConfig({ ...environment, TOPOLOGY: mounted })
      expect(config).toMatchObject({ REGION: region, MIGRATE: false })
      expect(config.REGIONS).toEqual(codes.map((one) => ({ code: one, name: regions[one] })))
      const database = new URL(config.DATABASE_URL)
      expect(database.hostname).toBe(`balancer-${code}`)
      expect(database.searchParams.get('sslmode')).toBe('verify-full')
      expect(new URL(config.REDIS_URL ?? '').hostname).toBe(`redis-${code}`)
      const { ports = [] } = service(`server-${code}`)
      expect(config.PUBLIC_URL).toBe(`http://localhost:${ports[0]?.published}`)
    })

    it('is in the topology as it is here', async () => {
      const topology = await loadYaml<Topology>('ops/compose/topology.yaml')
      const here = topology.regions.find((one) => one.name === region)
      const { environment = {} } = service(`server-${code}`)
      expect(here).toMatchObject({
        code,
        public: environment['PUBLIC_URL'],
        internal: [`http://server-${code}:4000`],
        database: `postgresql://balancer-${code}:26257/frontrow`,
        redis: `redis://redis-${code}:6379`,
        typesense: `http://typesense-${code}:8108`,
      })
      const others = Object.values(regions).filter((name) => name !== region)
      expect(here?.standIns.toSorted()).toEqual(others.toSorted())
      expect(topology.regions).toHaveLength(codes.length)
      const mounted = service(`server-${code}`).volumes?.map(({ target }) => target)
      expect(mounted).toContain(environment['TOPOLOGY'])
    })
  })

  it('makes a database with the regions of its nodes', () => {
    const sql = read('ops/compose/sql/020-database.sql')
    const named = /regions ([^;]*) survive/
      .exec(sql)?.[1]
      ?.split(',')
      .map((one) => one.trim())
    expect(named).toEqual(Object.values(regions).map((name) => `"${name}"`))
  })

  it('is watched whole: each server, node and the collector', async () => {
    type Scrapes = { scrape_configs: { static_configs: { targets: string[] }[] }[] }
    const { scrape_configs: jobs } = await loadYaml<Scrapes>('ops/compose/prometheus.yml')
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((each) => each.targets))
    const hosts = targets.map((target) => target.split(':')[0] ?? '')
    const watched = /^(server|cockroach|otel-collector)/
    const expected = Object.keys(project.services).filter((name) => watched.test(name))
    expect(hosts.toSorted()).toEqual(expected.toSorted())
  })

  it('hands traces only to parts of the collector that it has', async () => {
    type Part = Record<string, unknown>
    type Pipeline = { receivers: string[]; processors?: string[]; exporters: string[] }
    type Collector = Record<'receivers' | 'processors' | 'connectors' | 'exporters', Part> & {
      service: { pipelines: Record<string, Pipeline> }
    }
    const collector = await loadYaml<Collector>('ops/compose/otel-collector.yaml')
    const { receivers, processors, connectors, exporters } = collector
    for (const pipeline of Object.values(collector.service.pipelines)) {
      for (const one of pipeline.receivers)
        expect({ ...receivers, ...connectors }).toHaveProperty(one)
      for (const one of pipeline.processors ?? []) expect(processors).toHaveProperty(one)
      for (const one of pipeline.exporters)
        expect({ ...exporters, ...connectors }).toHaveProperty(one)
    }
  })

  it('provisions the dashboards at the place where they are mounted', async () => {
    type Provisioning = { providers: { options: { path: string } }[] }
    const { providers } = await loadYaml<Provisioning>('ops/grafana/provisioning.yml')
    const targets = service('grafana').volumes?.map(({ target }) => target)
    expect(targets).toContain(providers[0]?.options.path)
  })
})

const promtool = findPromtool()
const noPromtool = promtool === undefined ? 'no promtool here: npm run setup brings it' : null
describeUnless(noPromtool, 'promtool', () => {
  it("takes the cluster's configuration of Prometheus", async () => {
    await using folder = await scratchFolder()
    const authority = join(folder.path, 'ca.crt')
    writeFileSync(authority, '')
    const text = read('ops/compose/prometheus.yml').replace('/authority/ca.crt', authority)
    writeFileSync(join(folder.path, 'prometheus.yml'), text)
    cpSync(join(projectRoot, 'ops/prometheus/alerts.yml'), join(folder.path, 'alerts.yml'))
    const said = execFileSync(promtool?.path ?? '', ['check', 'config', 'prometheus.yml'], {
      cwd: folder.path,
      encoding: 'utf8',
    })
    expect(said).toContain('SUCCESS')
  })
})
