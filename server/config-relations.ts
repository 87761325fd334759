/**
 * What must hold between settings: where access tokens come from (one place), and what regions
 * need to trust each other's calls. One sentence for each fault, and never a value of a secret.
 */
import type { Region } from './platform/regions.ts'
import type { Topology } from './platform/topology.ts'

type KeySet = { readonly keys: readonly { readonly kid: string; readonly x?: unknown }[] }

export type Related = {
  readonly REGIONS: readonly Region[]
  readonly REGION: string
  readonly DATABASE_POOL_MAX: number
  readonly DATABASE_STALE_POOL_MAX?: number | undefined
  readonly ACCESS_SIGNING_KEYS?: KeySet | undefined
  readonly ACCESS_KEYS?: KeySet | undefined
  readonly ACCESS_ISSUER?: string | undefined
  readonly DEVELOPMENT_ISSUER_KEYS?: KeySet | undefined
  readonly OIDC_ISSUER?: string | undefined
  readonly OIDC_AUDIENCE?: string | undefined
  readonly ACCOUNTS_SECRET?: string | undefined
  readonly ACCOUNTS_DIRECTORY_SECRET?: string | undefined
  readonly SMTP_URL?: string | undefined
  readonly MAIL_FROM?: object | undefined
  readonly REGION_CALL_KEYS?: KeySet | undefined
  readonly REGION_CALL_PUBLIC_KEYS?: ReadonlyMap<string, KeySet> | undefined
  readonly topology: Topology | null
}

export function relationFaults(settings: Related): string[] {
  return [
    ...placeFaults(settings),
    ...poolFaults(settings),
    ...tokenFaults(settings),
    ...regionCallFaults(settings),
    ...mailFaults(settings),
    ...accountFaults(settings),
  ]
}

function placeFaults({ REGION, REGIONS, topology }: Related): string[] {
  if (topology === null) {
    return REGIONS.some(({ name }) => name === REGION) ? [] : ['REGION: must be one of REGIONS']
  }
  const listed = (regions: readonly Region[]) =>
    regions
      .map(({ name, code }) => `${name}=${code}`)
      .toSorted()
      .join()
  return listed(REGIONS) === listed(topology.regions)
    ? []
    : ['REGIONS: differs from the regions of TOPOLOGY; leave it out']
}

function poolFaults({ DATABASE_POOL_MAX: all, DATABASE_STALE_POOL_MAX: stale }: Related): string[] {
  if (stale === undefined || stale < all) return []
  return ['DATABASE_STALE_POOL_MAX: is a part of DATABASE_POOL_MAX and must be smaller']
}

function mailFaults({ SMTP_URL, MAIL_FROM }: Related): string[] {
  if ((SMTP_URL === undefined) === (MAIL_FROM === undefined)) return []
  return SMTP_URL === undefined
    ? ['SMTP_URL: is missing beside MAIL_FROM']
    : ['MAIL_FROM: is missing beside SMTP_URL']
}

function accountFaults(settings: Related): string[] {
  const { ACCOUNTS_SECRET: secret, ACCOUNTS_DIRECTORY_SECRET: directory } = settings
  if (secret === undefined && directory === undefined) return []
  if (secret === undefined) return ['ACCOUNTS_SECRET: is missing beside ACCOUNTS_DIRECTORY_SECRET']
  if (directory === undefined) {
    return ['ACCOUNTS_DIRECTORY_SECRET: is missing beside ACCOUNTS_SECRET']
  }
  if (settings.ACCESS_SIGNING_KEYS === undefined) {
    return ['ACCOUNTS_SECRET: accounts need ACCESS_SIGNING_KEYS, whose tokens they give']
  }
  return secret === directory ? ['ACCOUNTS_DIRECTORY_SECRET: must differ from ACCOUNTS_SECRET'] : []
}

const sources = ['ACCESS_SIGNING_KEYS', 'ACCESS_KEYS', 'OIDC_ISSUER'] as const

function tokenFaults(settings: Related): string[] {
  const [source, ...others] = sources.filter((name) => settings[name] !== undefined)
  if (source === undefined) {
    return [
      'ACCESS_SIGNING_KEYS: is missing; with it access tokens are issued here, with ACCESS_KEYS ' +
        'instead only checked, with OIDC_ISSUER instead taken from an OpenID Connect issuer',
    ]
  }
  const faults = others.map(
    (name) => `${name}: cannot stand beside ${source}; access tokens come from one place`,
  )
  if (settings.OIDC_ISSUER === undefined) {
    if (settings.ACCESS_ISSUER === undefined) {
      faults.push(`ACCESS_ISSUER: is missing; ${source} needs the name of the issuer`)
    }
    if (settings.OIDC_AUDIENCE !== undefined) {
      faults.push('OIDC_AUDIENCE: means nothing without OIDC_ISSUER')
    }
    return faults
  }
  if (settings.OIDC_AUDIENCE === undefined) {
    faults.push('OIDC_AUDIENCE: is missing; without it tokens for other services would be taken')
  }
  for (const name of ['ACCESS_ISSUER', 'DEVELOPMENT_ISSUER_KEYS'] as const) {
    if (settings[name] !== undefined) {
      faults.push(`${name}: cannot stand beside OIDC_ISSUER, whose tokens alone are taken`)
    }
  }
  return faults
}

function regionCallFaults(settings: Related): string[] {
  const { REGION, topology, REGION_CALL_KEYS: own, REGION_CALL_PUBLIC_KEYS: known } = settings
  const regions = topology?.regions ?? settings.REGIONS
  const several = topology !== null && regions.length > 1
  if (own === undefined && known === undefined) {
    return several
      ? ['REGION_CALL_KEYS: is missing, and TOPOLOGY has several regions, which call each other']
      : []
  }
  if (own === undefined) return ['REGION_CALL_KEYS: is missing beside REGION_CALL_PUBLIC_KEYS']
  if (known === undefined) return ['REGION_CALL_PUBLIC_KEYS: is missing beside REGION_CALL_KEYS']
  const strangers = [...known.keys()].filter((name) => !regions.some((one) => one.name === name))
  const faults = strangers.map((name) => `REGION_CALL_PUBLIC_KEYS: ${name} is not one of REGIONS`)
  const silent = several ? regions.filter(({ name }) => !known.has(name)) : []
  faults.push(
    ...silent.map(
      ({ name }) => `REGION_CALL_PUBLIC_KEYS: lacks the keys of ${name}, a region of TOPOLOGY`,
    ),
  )
  const [signing] = own.keys
  const published = known.get(REGION)?.keys
  if (published !== undefined && !published.some(({ x }) => x === signing?.x)) {
    faults.push(
      'REGION_CALL_PUBLIC_KEYS: lacks the key that REGION_CALL_KEYS signs with: publish it first',
    )
  }
  return faults
}
