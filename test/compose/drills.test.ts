/**
 * docker-compose.drills.yml as Compose lays it over the cluster, and that what the drills know by
 * heart (names of services, addresses, ports) is what both files say.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import {
  composeFiles,
  composeRegions,
  linksImage,
  partsOf,
  ports,
  projectName,
  servicesOf,
  stripeService,
  stripeUrl,
} from '../../chaos/compose/places.ts'
import { filledExample } from '../../regions/keys/multi-region-env.ts'
import { describeUnless } from '../support/skip.ts'
import { projectRoot } from '../tidy/source.ts'
import { loadProject, type Project, type Service, whyNoLoader } from './load.ts'

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')
const [cluster, drills] = composeFiles
const env = filledExample(read('.env.multi-region.example'), new Map())

describeUnless(await whyNoLoader(), 'the cluster with what drills need', () => {
  let alone: Project
  let project: Project
  const service = (name: string): Service => {
    const found = project.services[name]
    if (found === undefined) throw new Error(`no service ${name}`)
    return found
  }
  const publishedOf = (name: string) =>
    Object.fromEntries(
      (service(name).ports ?? []).map(({ target, published }) => [target, Number(published)]),
    )
  beforeAll(async () => {
    alone = await loadProject(read(cluster), env)
    project = await loadProject(read(cluster), env, [drills])
  })

  it('only adds ports and the image for links', () => {
    const { links, ...others } = project.services
    const without = (services: Project['services']) =>
      Object.fromEntries(
        Object.entries(services).map(([name, one]) => [name, { ...one, ports: null }]),
      )
    expect(without(others)).toEqual(without(alone.services))
    expect(links).toMatchObject({ image: linksImage, network_mode: 'none', profiles: ['drills'] })
    const { context = '', dockerfile = '' } = links?.build ?? {}
    const file = join(context, dockerfile)
    expect(existsSync(file), file).toBe(true)
    expect(readFileSync(file, 'utf8')).toMatch(/^FROM alpine:\d+\.\d+\.\d+$/m)
    expect(readFileSync(file, 'utf8')).toMatch(/apk add --no-cache iproute2 iptables$/m)
  })

  it('is called as the drills call it, and has its services', () => {
    expect(read(cluster)).toContain(`\nname: ${projectName}\n`)
    for (const region of composeRegions) {
      for (const name of servicesOf(region)) {
        expect(Object.keys(service(name).networks), name).toContain(region.name)
      }
    }
    const regional = composeRegions.flatMap(servicesOf)
    const coded = Object.keys(project.services).filter((name) => /-(use1|euw1|ase1)\b/.test(name))
    expect(regional.toSorted()).toEqual(coded.toSorted())
  })

  it('publishes for this machine alone what the drills reach', () => {
    for (const region of composeRegions) {
      const { server, balancer } = partsOf(region)
      expect(publishedOf(balancer)).toEqual({ [ports.database]: region.sqlPort })
      expect(publishedOf(server)).toEqual({
        [ports.server]: Number(new URL(region.url).port),
        9464: Number(new URL(region.metricsUrl).port),
      })
    }
    expect(publishedOf(stripeService)).toEqual({ [ports.stripe]: Number(new URL(stripeUrl).port) })
    const all = Object.values(project.services).flatMap((one) => one.ports ?? [])
    expect(new Set(all.map(({ published }) => published)).size).toBe(all.length)
    for (const { host_ip } of all) expect(host_ip).toBe('127.0.0.1')
  })

  it('has the user, the certificate and the password that the drills take', () => {
    for (const region of composeRegions) {
      const { environment = {}, volumes = [] } = service(partsOf(region).server)
      const url = new URL(environment['DATABASE_URL'] ?? '')
      expect(url.username).toBe('frontrow')
      expect(url.pathname).toBe('/frontrow')
      expect(env).toContain(`\nDATABASE_PASSWORD=${url.password}\n`)
      expect(url.searchParams.get('sslrootcert')).toBe('/authority/ca.crt')
      expect(volumes.map(({ target }) => target)).toContain('/authority')
    }
    expect(service(partsOf({ code: 'use1' }).redis).environment).toHaveProperty('REDIS_PASSWORD')
  })
})
