/** What looks at the audit chains of other regions: nothing where there are none, or no key. Wiring only. */
import type { Services } from './application/services.ts'
import { AuditWitness } from './application/witness-audit.ts'
import type { Config } from './config.ts'
import { headSigner } from './gateways/audit-heads/head-signatures.ts'
import { signingKeys } from './keys.ts'
import type { Telemetry } from './platform/telemetry.ts'

type Parts = {
  readonly services: Pick<Services, 'db' | 'log'>
  readonly count: Telemetry['count']
}

export async function openAuditWitness(
  config: Config,
  { services, count }: Parts,
): Promise<AuditWitness | null> {
  const { REGION: region, REGION_CALL_KEYS: keys, topology } = config
  const others = (topology?.regions ?? []).map(({ name }) => name).filter((name) => name !== region)
  if (keys === undefined || others.length === 0) return null
  const { active } = await signingKeys('REGION_CALL_KEYS', keys)
  return new AuditWitness(services.db, {
    region,
    others,
    signer: headSigner(active),
    log: services.log,
    count: (outcome) => count('frontrow.audit.witnessed', { outcome }),
  })
}
