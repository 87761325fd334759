/**
 * The form of the topology's file, field by field. What must hold between fields is in
 * topology-faults.ts. No message repeats an address: somebody may have put a password into it.
 */
import { z } from 'zod'
import { regionCodePattern } from './ids.ts'
import { limits } from './limits.ts'
import { regionNamePattern } from './regions.ts'

const nameForm = new RegExp(`^${regionNamePattern}$`)
const codeForm = new RegExp(`^${regionCodePattern}$`)

const name = z.string('must be the name of a region').regex(nameForm, {
  error: 'must be a name as CockroachDB has it: a to z, 0 to 9 and -, like us-east1',
})

/** Who may connect is never the topology's to say: pg takes these from a query as well. */
const secretParameters = new Set(['user', 'password', 'sslpassword'])

/** @param reason what is wrong with the address, or null */
function address(reason: (address: URL) => string | null) {
  return z.string('must be an address').transform((text, context) => {
    if (!URL.canParse(text)) context.addIssue('must be an address, with its scheme')
    else {
      const url = new URL(text)
      const fault = hasCredentials(url)
        ? 'has credentials, which come from the environment alone: take them out, and change them'
        : reason(url)
      if (fault === null) return text
      context.addIssue(fault)
    }
    return z.NEVER
  })
}

function hasCredentials({ username, password, searchParams }: URL): boolean {
  const named = [...searchParams.keys()].some((key) => secretParameters.has(key.toLowerCase()))
  return username !== '' || password !== '' || named
}

const isBare = ({ pathname, search, hash }: URL) =>
  ['', '/'].includes(pathname) && search === '' && hash === ''

/** Scheme, host and port: the paths below are the server's own. */
const origin = address((url) => {
  if (!/^https?:$/.test(url.protocol)) return 'must begin with https: or http:'
  return isBare(url) ? null : 'must be scheme, host and port, and no more'
}).transform((text) => new URL(text).origin)

const database = address((url) => {
  if (!/^postgres(ql)?:$/.test(url.protocol)) return 'must begin with postgresql: or postgres:'
  return url.hostname === '' || url.pathname.length < 2
    ? 'must name host and database, like postgresql://10.1.0.5:26257/frontrow'
    : null
})

const redis = address((url) => {
  if (!/^rediss?:$/.test(url.protocol)) return 'must begin with rediss: or redis:'
  return url.hostname === '' || url.search !== '' || url.hash !== ''
    ? 'must be like rediss://10.1.0.6:6379 and no more'
    : null
})

const degrees = (bound: number) => {
  const error = `must be degrees, from -${bound} to ${bound}`
  return z.number(error).min(-bound, error).max(bound, error)
}

const milliseconds = (min: number, max: number) => {
  const error = `must be whole milliseconds, from ${min} to ${max}`
  return z.int(error).min(min, error).max(max, error)
}

const region = z.strictObject({
  name,
  code: z.string('must be a text').regex(codeForm, {
    error: 'must be 2 to 8 of a to z and 0 to 9, a letter first, like use1',
  }),
  public: origin,
  internal: z
    .array(origin, 'must be a list of addresses')
    .min(1, 'must name one address or more')
    .max(limits.internalUrlsMax, `must name at most ${limits.internalUrlsMax} addresses`),
  database: database.optional(),
  redis: redis.optional(),
  typesense: origin.optional(),
  at: z.strictObject(
    { latitude: degrees(90), longitude: degrees(180) },
    'must have latitude and longitude',
  ),
  standIns: z.array(name, 'must be a list of names').default([]),
})

const lease = z.strictObject(
  {
    lengthMs: milliseconds(limits.leaseMsMin, limits.leaseMsMax).default(limits.leaseMsDefault),
    heartbeatMs: milliseconds(limits.heartbeatMsMin, limits.leaseMsMax).default(
      limits.heartbeatMsDefault,
    ),
  },
  'must have lengthMs and heartbeatMs',
)

const roundTrip = `must be milliseconds, from 0 to ${limits.roundTripMsMax}`
const roundTrips = z.record(
  z.string(),
  z.record(
    z.string(),
    z.number(roundTrip).min(0, roundTrip).max(limits.roundTripMsMax, roundTrip),
    'must name regions and milliseconds',
  ),
  'must name regions',
)

export const topologyShape = z.strictObject(
  {
    regions: z
      .array(region, 'must be a list of regions')
      .min(1, 'must name one region or more')
      .max(limits.regionsMax, `must name at most ${limits.regionsMax} regions`),
    lease: lease.prefault({}),
    roundTripsMs: roundTrips.default({}),
  },
  'must have the field regions',
)

export type TopologyDocument = z.output<typeof topologyShape>
